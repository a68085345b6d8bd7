import type { PersonalKeys } from "@xianfeng/db";
import { AccountBook } from "./accounts.ts";
import { dueOf, duties, writeDutyParameters } from "./duties.ts";
import { Ledger } from "./ledger.ts";
import { inventName } from "./people.ts";
import { bulletin, type Drawn, drawMember, type Walk } from "./population.ts";
import { Random } from "./random.ts";
import { TimedIds } from "./scale-ids.ts";

/** The two years of which there are records: days from the first on, before the last. */
export const window = { from: "2024-07-01", to: "2026-07-01", newSince: "2025-07-01" };

/** A member as the records know them: organisation and identity have days, as ISO text. */
export type ScaleMember = Drawn & {
  id: string;
  name: string;
  serial: number;
  /** First day in the books. */
  since: string;
  /** Where they went, if they moved. */
  moved: { to: number; on: string } | null;
  branch: number;
  convertedOn: string;
  /** Chances of being on time or late, and of asking for leave. */
  present: number;
};

export type ScaleBranch = { id: number; walk: Walk; members: ScaleMember[] };

/** One tenant: its tree, roles, account and evaluation as rows of a ledger, its people and their branches to be written at length. */
export type ScaleTenant = {
  ledger: Ledger;
  tenantId: number;
  root: number;
  branches: ScaleBranch[];
  members: ScaleMember[];
  account: { username: string; principalId: string };
  dutyParameters: Map<string, string>;
  /** A generator of its own for each table, so that one table does not depend on how another one is written. */
  random(table: string): Random;
};

export type TenantPlan = {
  seed: number;
  tenantId: number;
  firstOrgId: number;
  members: number;
  keys: PersonalKeys;
  password: string;
};

/** Draws one tenant. Which one depends on seed, number and size only, so a larger run begins with the tenants of a smaller one. */
export async function drawTenant(plan: TenantPlan): Promise<ScaleTenant> {
  const { seed, tenantId, firstOrgId, keys } = plan;
  const random = (table: string) => new Random(mix(seed, tenantId, table));
  const ledger = new Ledger({ tenantId, firstOrgId, random: random("ledger"), keys });
  ledger.tenant(`scale-${tenantId}`);
  const tree = drawTree(ledger, plan.members, random("tree"));
  const members = drawMembers(tree.branches, plan.members, random("person"), new TimedIds(mix(seed, tenantId, "ids")));
  const book = await AccountBook.open(ledger, plan.password);
  const username = `scale-${tenantId}`;
  const roles = [
    { role: "committee_admin", orgId: tree.root, below: true },
    { role: "system_admin", orgId: tree.root, below: true },
  ] as const;
  const principalId = book.account({ username, displayName: `第${tenantId}党委组织员`, roles: [...roles] });
  for (const branch of tree.branches) {
    const head = branch.members[0];
    if (head) ledger.post(head.id, branch.id, "secretary", head.since);
  }
  const dutyParameters = writeDutyParameters(ledger, tree.root);
  writeEvaluation(ledger, tree.compared);
  return {
    ledger,
    tenantId,
    root: tree.root,
    branches: tree.branches,
    members,
    account: { username, principalId },
    dutyParameters,
    random,
  };
}

/** One number of several words (FNV-1a). */
function mix(...words: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of words.join("/")) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}

/** A root committee, committees below it, some general branches, and branches of 8 to 35: as many of each as the bulletin has to a branch. */
function drawTree(ledger: Ledger, members: number, random: Random) {
  const count = Math.max(1, Math.round(members / bulletin.membersPerBranch));
  const committees = Math.max(1, Math.round(count * bulletin.committeesPerBranch));
  const generals = Math.round(count * bulletin.generalBranchesPerBranch);
  const name = (kind: string, number: number) => ({
    code: `${kind}${number}`,
    shortName: `${kind === "C" ? "党委" : kind === "G" ? "总支" : "支部"}${number}`,
    fullName: `第${ledger.tenantId}党委${kind === "C" ? "下属党委" : kind === "G" ? "党总支" : "党支部"}第${number}号`,
    openedOn: "2010-01-01",
  });
  const root = ledger.org({ parentId: null, kind: "committee", ...name("C", 0) });
  const below = Array.from({ length: Math.max(1, committees - 1) }, (_, at) =>
    ledger.org({ parentId: root, kind: "committee", ...name("C", at + 1) }),
  );
  const superiors = below.map((committee) => [committee]);
  for (let at = 0; at < generals; at++) {
    const place = at % below.length;
    const parentId = below[place] ?? root;
    superiors[place]?.push(ledger.org({ parentId, kind: "general_branch", ...name("G", at + 1) }));
  }
  const compared = below.map((committee) => ({ committee, branches: [] as number[] }));
  const branches = Array.from({ length: count }, (_, at): ScaleBranch => {
    const place = Math.floor((at * below.length) / count);
    const walk = walkOf(at);
    const parentId = random.pick(superiors[place] ?? [root]);
    const category = walk === "student" ? (at % 2 === 0 ? "graduate" : "undergraduate") : categoryOf[walk];
    const id = ledger.org({ parentId, kind: "branch", category, ...name("B", at + 1) });
    if (walk !== "retired") compared[place]?.branches.push(id);
    return { id, walk, members: [] };
  });
  return { root, branches, compared };
}

const categoryOf = { working: "staff", retired: "retired", student: "graduate" } as const;

/** Spread evenly over the branches, whatever their number. */
function walkOf(at: number): Walk {
  const place = ((at + 1) * 0.618_033_988_75) % 1;
  const { student, retired } = bulletin.occupations;
  return place < student ? "student" : place < student + retired ? "retired" : "working";
}

function drawMembers(branches: readonly ScaleBranch[], count: number, random: Random, ids: TimedIds): ScaleMember[] {
  // At least three in each, then by weight: branches differ in size.
  const weights = branches.map(() => 0.4 + 1.2 * random.next());
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const members: ScaleMember[] = [];
  let share = 0;
  for (const [index, branch] of branches.entries()) {
    share += (weights[index] ?? 0) / total;
    const until = index === branches.length - 1 ? count : Math.round(share * count);
    while (members.length < until) {
      const drawn = drawMember(random, branch.walk, window.newSince);
      const since = drawn.joinedOn > "2020-01-01" ? drawn.joinedOn : "2020-01-01";
      const year = Number(drawn.joinedOn.slice(0, 4)) + 1;
      const member: ScaleMember = {
        ...drawn,
        id: ids.at(Date.parse(since)),
        name: inventName(random),
        serial: members.length + 1,
        since,
        moved: null,
        branch: branch.id,
        // A year later; nobody is converted on a 29th of February.
        convertedOn: `${year}${drawn.joinedOn.slice(4).replace("-02-29", "-02-28")}`,
        present: 0.8 + 0.19 * random.next(),
      };
      members.push(member);
      branch.members.push(member);
    }
  }
  move(branches, random);
  return members;
}

/** Two in a hundred move to the next branch of their kind within the two years. */
function move(branches: readonly ScaleBranch[], random: Random): void {
  const arrivals: [ScaleBranch, ScaleMember][] = [];
  for (const [index, branch] of branches.entries()) {
    const next = branches.slice(index + 1).find((other) => other.walk === branch.walk);
    if (!next) continue;
    // The first is the secretary, who stays.
    for (const member of branch.members.slice(1)) {
      if (!random.chance(0.02) || member.since >= window.newSince) continue;
      member.moved = { to: next.id, on: `2025-${String(random.int(8, 12)).padStart(2, "0")}-01` };
      arrivals.push([next, member]);
    }
  }
  for (const [branch, member] of arrivals) branch.members.push(member);
}

/** Each lower committee compares its branches by attendance: two half-years, both open. */
function writeEvaluation(ledger: Ledger, compared: readonly { committee: number; branches: number[] }[]): void {
  const { random } = ledger;
  const [indicator, scheme] = [random.uuid(), random.uuid()];
  ledger.add("indicator", { id: indicator, code: "attendance_rate", title: "组织生活", source: "derived" });
  ledger.add("scheme_version", { id: scheme, code: "2026.1版", top_share_bp: 2000, frozen_at: "2025-01-01T00:00:00Z" });
  ledger.add("scheme_item", { scheme_version_id: scheme, indicator_id: indicator, weight: 10_000 });
  for (const { committee, branches } of compared) {
    let previous: string | null = null;
    for (const period of [
      { year: 2025, ordinal: 2, starts_on: "2025-07-01", ends_on: "2025-12-31" },
      { year: 2026, ordinal: 1, starts_on: "2026-01-01", ends_on: "2026-06-30" },
    ]) {
      const [id, run] = [random.uuid(), random.uuid()];
      ledger.add("evaluation_period", { id, org_id: committee, ...period });
      for (const org_id of branches) ledger.add("evaluation_branch", { period_id: id, org_id });
      ledger.add("evaluation_run", {
        id: run,
        org_id: committee,
        period_id: id,
        scheme_version_id: scheme,
        as_of_on: period.ends_on,
        previous_run_id: previous,
        state: "live",
        version_no: 0,
      });
      previous = run;
    }
  }
}

/** What a branch owes in these two years and can do with everybody: theme days and member meetings. */
export const heldDuties = duties.filter(({ key }) => key === "theme_day" || key === "member_meeting");
export { dueOf };
