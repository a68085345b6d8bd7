import type { PersonalKeys } from "@xianfeng/db";
import * as calendar from "@xianfeng/trpc/calendar";
import { AccountBook } from "./accounts.ts";
import { type AttendanceState, Ledger, type MeetingKind } from "./ledger.ts";
import { asOwner, load, nextNumbers } from "./load.ts";
import { inventName } from "./people.ts";
import { Random } from "./random.ts";

/** How often each kind of dirt was written into a college. */
export type CollegeDirt = {
  missingValue: number;
  tie: number;
  transfer: number;
  mergedBranch: number;
  voided: number;
  correctedAfterClose: number;
  supersededRow: number;
  mergedPerson: number;
  notExpected: number;
  leftBeforeAsOf: number;
  unclosed: number;
  notEvaluated: number;
};

export type College = {
  seed: number;
  tenantId: number;
  committee: number;
  branches: number[];
  runs: string[];
  dirt: CollegeDirt;
  accounts: Record<string, string>;
  password: string;
};

type Member = {
  id: string;
  branch: number;
  since: string;
  identity: "full_member" | "probationary_member";
  reliability: number;
  movedTo: { branch: number; on: string } | null;
};

const kinds: readonly MeetingKind[] = [
  "member_meeting",
  "branch_committee_meeting",
  "group_meeting",
  "party_lesson",
  "theme_day",
];
const periods = [
  { year: 2025, ordinal: 2, startsOn: "2025-07-01", endsOn: "2025-12-31" },
  { year: 2026, ordinal: 1, startsOn: "2026-01-01", endsOn: "2026-06-30" },
];

/** Writes one small, random, dirty college as a tenant of its own: what the ranking is checked against. */
export async function seedCollege(
  ownerUrl: string,
  options: { seed: number; keys: PersonalKeys; password?: string },
): Promise<College> {
  return asOwner(ownerUrl, async (client) => {
    const numbers = await nextNumbers(client);
    const random = new Random(options.seed, options.seed * 31 + numbers.tenantId * 7919);
    const ledger = new Ledger({ ...numbers, random, keys: options.keys });
    const password = options.password ?? "college-of-chance-2026";
    const college = await new CollegeWriter(ledger, options.seed).write(password);
    await load(client, ledger);
    return { ...college, seed: options.seed, tenantId: numbers.tenantId, password };
  });
}

class CollegeWriter {
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #seed: number;
  readonly #dirt: CollegeDirt = {
    missingValue: 0,
    tie: 0,
    transfer: 0,
    mergedBranch: 0,
    voided: 0,
    correctedAfterClose: 0,
    supersededRow: 0,
    mergedPerson: 0,
    notExpected: 0,
    leftBeforeAsOf: 0,
    unclosed: 0,
    notEvaluated: 0,
  };

  constructor(ledger: Ledger, seed: number) {
    this.#ledger = ledger;
    this.#random = ledger.random;
    this.#seed = seed;
  }

  async write(password: string) {
    const ledger = this.#ledger;
    ledger.tenant(`college-${this.#seed}-${ledger.tenantId}`);
    const committee = ledger.org({
      parentId: null,
      kind: "committee",
      code: "C",
      shortName: `学院${this.#seed}`,
      fullName: `第${this.#seed}学院委员会`,
      openedOn: "2010-01-01",
    });
    const general = ledger.org({
      parentId: committee,
      kind: "general_branch",
      code: "G",
      shortName: "总支",
      fullName: "总支部委员会",
      openedOn: "2010-01-01",
    });
    const branches = Array.from({ length: this.#random.int(3, 6) }, (_, index) =>
      ledger.org({
        parentId: index % 2 === 0 ? committee : general,
        kind: "branch",
        code: `B${index}`,
        shortName: `标记-${this.#seed}-B${index}`,
        fullName: `第${index}支部`,
        openedOn: "2015-01-01",
      }),
    );
    const merged = this.#random.chance(0.6) ? this.#mergedBranch(general, branches) : null;
    const members = branches.flatMap((branch) =>
      Array.from({ length: this.#random.int(4, 10) }, () => this.#member(branch)),
    );
    if (merged) members.push(...this.#membersOfMerged(merged));
    const book = await AccountBook.open(ledger, password);
    const accounts = this.#accounts(book, committee, general, branches, members);
    for (const branch of [...branches, ...(merged ? [merged.org] : [])])
      this.#meetings(branch, members, accounts.admin ?? "");
    if (this.#random.chance(0.5)) this.#mergePeople(members);
    const runs = this.#evaluation(committee, branches, members);
    return {
      committee,
      branches,
      runs,
      dirt: this.#dirt,
      accounts: Object.fromEntries(Object.keys(accounts).map((name) => [name, `${name}-${ledger.tenantId}`])),
    };
  }

  #accounts(
    book: AccountBook,
    committee: number,
    general: number,
    branches: number[],
    members: Member[],
  ): Record<string, string> {
    const tenant = this.#ledger.tenantId;
    const name = (label: string) => ({ username: `${label}-${tenant}`, displayName: `${label}同志` });
    const list: Record<string, string> = {
      admin: book.account({ ...name("admin"), roles: [{ role: "committee_admin", orgId: committee, below: true }] }),
      general: book.account({
        ...name("general"),
        roles: [{ role: "general_branch_admin", orgId: general, below: true }],
      }),
    };
    for (const [index, branch] of branches.entries()) {
      const person = members.find((member) => member.branch === branch);
      list[`secretary${index}`] = book.account({
        ...name(`secretary${index}`),
        personId: person?.id ?? "",
        roles: [
          { role: "branch_secretary", orgId: branch },
          { role: "member", orgId: branch },
        ],
      });
    }
    return list;
  }

  #mergedBranch(parentId: number, branches: number[]) {
    const onDate = this.#random.pick(["2025-09-15", "2026-03-10"]);
    const org = this.#ledger.org({
      parentId,
      kind: "branch",
      code: "BM",
      shortName: `标记-${this.#seed}-BM`,
      fullName: "并入的支部",
      openedOn: "2015-01-01",
      dissolvedOn: onDate,
    });
    const successor = this.#random.pick(branches);
    this.#ledger.add("org_succession", { from_org_id: org, to_org_id: successor, kind: "merge", on_date: onDate });
    return { org, successor, onDate };
  }

  /** Half of the people of a merged branch were moved by hand, the others are still on its books. */
  #membersOfMerged(merged: { org: number; successor: number; onDate: string }): Member[] {
    return Array.from({ length: this.#random.int(3, 5) }, (_, index) => {
      this.#dirt.mergedBranch++;
      const moved = index % 2 === 0;
      const member = this.#member(merged.org, moved ? merged.onDate : null);
      if (moved) {
        this.#ledger.membership(member.id, merged.successor, { from: merged.onDate, cause: "merge" });
        member.movedTo = { branch: merged.successor, on: merged.onDate };
      }
      return member;
    });
  }

  #member(branch: number, until: string | null = null): Member {
    const random = this.#random;
    const ledger = this.#ledger;
    const birthDay = `${random.int(1948, 2006)}-0${random.int(1, 9)}-1${random.int(0, 9)}`;
    const since = random.pick(["2020-09-01", "2024-09-01", "2025-08-20"]);
    const id = ledger.person({
      name: inventName(random),
      birthDay,
      sex: random.chance(0.5) ? "male" : "female",
      joinedOn: since,
    });
    const member: Member = {
      id,
      branch,
      since,
      identity: random.chance(0.85) ? "full_member" : "probationary_member",
      reliability: random.pick([0.5, 0.7, 0.8, 0.9, 0.95]),
      movedTo: null,
    };
    this.#statuses(member);
    if (until === null && random.chance(0.08)) {
      this.#dirt.leftBeforeAsOf++;
      ledger.membership(id, branch, { from: since, to: random.pick(["2025-11-20", "2026-05-31", "2026-06-30"]) });
    } else if (until === null && random.chance(0.12)) {
      // Entered in a wrong place and corrected: the first row is superseded and must not count.
      this.#dirt.supersededRow++;
      ledger.membership(id, branch - 1 > 0 ? branch - 1 : branch, {
        from: since,
        supersededAt: "2025-10-01T10:00:00+08:00",
      });
      ledger.membership(id, branch, { from: since });
    } else ledger.membership(id, branch, { from: since, to: until });
    return member;
  }

  #statuses(member: Member): void {
    const { random } = this.#ledger;
    if (random.chance(0.1)) {
      // Became a probationary member in the middle of a period, or only after all of them.
      const on = random.pick(["2025-10-10", "2026-04-10", "2026-07-05"]);
      this.#ledger.status(member.id, "activist", { from: "2019-01-01", to: on });
      this.#ledger.status(member.id, "probationary_member", { from: on });
    } else if (random.chance(0.06)) {
      this.#ledger.status(member.id, member.identity, { from: "2019-01-01", to: "2026-02-01" });
      this.#ledger.status(member.id, "left", { from: "2026-02-01" });
    } else this.#ledger.status(member.id, member.identity, { from: "2019-01-01" });
  }

  #meetings(branch: number, members: Member[], admin: string): void {
    const { random } = this.#ledger;
    for (let number = random.int(7, 12); number > 0; number--) {
      const heldOn = calendar.addDays("2025-06-20", random.int(0, 385));
      const voided = random.chance(0.12) ? "重复登记" : null;
      const state = random.chance(0.1) ? random.pick(["draft", "published"] as const) : "closed";
      if (voided && state === "closed") this.#dirt.voided++;
      if (state !== "closed") this.#dirt.unclosed++;
      const meeting = this.#ledger.meeting({
        orgId: branch,
        kind: random.pick(kinds),
        title: `标记-${this.#seed}-会议`,
        heldOn,
        state,
        voided,
        createdBy: admin,
      });
      for (const member of members) {
        if (this.#branchOn(member, heldOn) !== branch || member.since > heldOn) continue;
        this.#attend(meeting, member, branch, admin);
      }
    }
  }

  #branchOn = (member: Member, day: string): number =>
    member.movedTo && member.movedTo.on <= day ? member.movedTo.branch : member.branch;

  #attend(meeting: { id: string; startsAt: Date }, member: Member, branch: number, admin: string): void {
    const { random } = this.#ledger;
    const state: AttendanceState = random.chance(member.reliability)
      ? random.pick(["on_time", "on_time", "on_time", "late"])
      : random.pick(["leave", "absent"]);
    const shouldAttend = !random.chance(0.06);
    if (!shouldAttend) this.#dirt.notExpected++;
    const person = { id: member.id, orgId: branch, identity: member.identity };
    if (random.chance(0.05)) {
      this.#dirt.correctedAfterClose++;
      this.#ledger.attendance(meeting, person, state === "on_time" ? "late" : "on_time", {
        shouldAttend,
        correctedFrom: "absent",
        by: admin,
      });
    } else this.#ledger.attendance(meeting, person, state, { shouldAttend });
  }

  /** One person was registered twice; the second record was merged into the first. */
  #mergePeople(members: Member[]): void {
    const [loser, survivor] = [members.at(-1), members[0]];
    if (!loser || !survivor || loser.id === survivor.id) return;
    this.#dirt.mergedPerson++;
    this.#ledger.mergePerson(loser.id, survivor.id);
  }

  #evaluation(committee: number, branches: number[], members: Member[]): string[] {
    const ledger = this.#ledger;
    const random = this.#random;
    const [attendance, learning] = [random.uuid(), random.uuid()];
    ledger.add("indicator", { id: attendance, code: "attendance_rate", title: "组织生活", source: "derived" });
    ledger.add("indicator", { id: learning, code: "theory_learning", title: "理论学习", source: "imported" });
    const weight = random.pick([5000, 6000, 3333, 7000]);
    const schemes = ["v1", "v2"].map((code) => {
      const id = random.uuid();
      ledger.add("scheme_version", {
        id,
        code,
        top_share_bp: random.pick([1000, 2000, 2500, 3333]),
        frozen_at: "2025-07-01T00:00:00+08:00",
      });
      ledger.add("scheme_item", { scheme_version_id: id, indicator_id: attendance, weight });
      ledger.add("scheme_item", { scheme_version_id: id, indicator_id: learning, weight: 10_000 - weight });
      return id;
    });
    this.#transfers(branches, members);
    const sameScheme = random.chance(0.7);
    const runs: string[] = [];
    for (const [index, period] of periods.entries()) {
      const periodId = random.uuid();
      ledger.add("evaluation_period", {
        id: periodId,
        org_id: committee,
        year: period.year,
        ordinal: period.ordinal,
        starts_on: period.startsOn,
        ends_on: period.endsOn,
      });
      for (const [place, branch] of branches.entries()) {
        if (place > 0 && random.chance(0.1)) this.#dirt.notEvaluated++;
        else ledger.add("evaluation_branch", { period_id: periodId, org_id: branch });
      }
      this.#entries(periodId, learning, members);
      const run = random.uuid();
      ledger.add("evaluation_run", {
        id: run,
        org_id: committee,
        period_id: periodId,
        scheme_version_id: schemes[sameScheme ? 0 : index] ?? "",
        as_of_on: random.chance(0.7) ? period.endsOn : calendar.addDays(period.endsOn, -20),
        previous_run_id: runs.at(-1) ?? null,
        state: "live",
        version_no: 0,
      });
      runs.push(run);
    }
    return runs;
  }

  #entries(periodId: string, indicatorId: string, members: Member[]): void {
    const { random } = this.#ledger;
    const values = new Set<number>();
    for (const member of members) {
      if (random.chance(0.1)) {
        this.#dirt.missingValue++;
        continue;
      }
      const valueBp = random.pick([6000, 7000, 7500, 8000, 8000, 9000, 10_000, 6667, 3333]);
      if (values.has(valueBp)) this.#dirt.tie++;
      values.add(valueBp);
      this.#ledger.add("evaluation_entry", {
        id: random.uuid(),
        period_id: periodId,
        person_id: member.id,
        indicator_id: indicatorId,
        value_bp: valueBp,
        group_org_id: member.branch,
        import_row_id: null,
      });
    }
  }

  /** Some people change branch in the middle of the second period: their meetings stay where they were held. */
  #transfers(branches: number[], members: Member[]): void {
    const memberships = this.#ledger.rows.get("membership") ?? [];
    for (const member of members) {
      if (member.movedTo || !branches.includes(member.branch) || !this.#random.chance(0.15)) continue;
      const current = memberships.find(
        (row) => row.person_id === member.id && row.superseded_at === null && row.valid_to === null,
      );
      const other = this.#random.pick(branches.filter((branch) => branch !== member.branch));
      if (!current) continue;
      this.#dirt.transfer++;
      const on = this.#random.pick(["2025-10-08", "2026-03-20"]);
      current.valid_to = on;
      this.#ledger.membership(member.id, other, { from: on, cause: "transfer" });
      member.movedTo = { branch: other, on };
    }
  }
}
