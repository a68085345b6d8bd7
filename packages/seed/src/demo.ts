import { randomInt } from "node:crypto";
import type { PersonalKeys } from "@xianfeng/db";
import * as calendar from "@xianfeng/trpc/calendar";
import { AccountBook } from "./accounts.ts";
import { writeDemoEvaluation } from "./demo-evaluation.ts";
import { writeDemoMeetings } from "./demo-meetings.ts";
import {
  type BranchPlan,
  type DemoBranch,
  type DemoPerson,
  demoBranches,
  ethnicities,
  groupNames,
} from "./demo-plan.ts";
import { writeDutyParameters } from "./duties.ts";
import { Ledger } from "./ledger.ts";
import { inventName } from "./people.ts";
import { Random } from "./random.ts";

export type DemoAccount = { username: string; name: string; title: string };
export type Demo = { ledger: Ledger; accounts: DemoAccount[]; password: string };

const firstDay = "2024-01-01";
const educationOf = {
  staff: ["博士", "硕士"],
  graduate: ["硕士", "博士"],
  undergraduate: ["本科"],
  retired: ["本科", "大专", "硕士"],
} as const;
const birthRange = {
  staff: [1966, 1994],
  graduate: [1997, 2003],
  undergraduate: [2003, 2007],
  retired: [1938, 1964],
} as const;

/** Names that the demo accounts carry; the rest is invented by chance. */
const knownPeople: Record<
  string,
  readonly { username: string; name: string; role: "branch_secretary" | "branch_admin" | "member" }[]
> = {
  软件工程研究生第一党支部: [
    { username: "zhou", name: "周明哲", role: "branch_secretary" },
    { username: "wu", name: "吴思齐", role: "branch_admin" },
    { username: "zheng", name: "郑一鸣", role: "member" },
  ],
  数据科学研究生党支部: [{ username: "he", name: "何清越", role: "branch_secretary" }],
};

/** The demo college as rows: 1 committee, 2 general branches, 24 branches, about 900 people, meetings since 2024, six half-years. */
export async function buildDemo(options: {
  tenantId: number;
  firstOrgId: number;
  keys: PersonalKeys;
  now: Date;
  seed: number;
}): Promise<Demo> {
  const random = new Random(options.seed);
  const ledger = new Ledger({ ...options, random });
  const today = calendar.dayAt(options.now);
  ledger.tenant("demo");
  const committee = ledger.org({
    parentId: null,
    kind: "committee",
    code: "0128",
    shortName: "计算机学院党委",
    fullName: "中共S大学计算机学院委员会",
    openedOn: "1998-06-18",
  });
  const general = {
    committee,
    graduate: ledger.org({
      parentId: committee,
      kind: "general_branch",
      code: "0128-G1",
      shortName: "研究生党总支",
      fullName: "中共S大学计算机学院研究生总支部委员会",
      openedOn: "2012-09-10",
    }),
    undergraduate: ledger.org({
      parentId: committee,
      kind: "general_branch",
      code: "0128-G2",
      shortName: "本科生党总支",
      fullName: "中共S大学计算机学院本科生总支部委员会",
      openedOn: "2012-09-10",
    }),
  };
  const password = `${["hongqi", "chuxin", "xianfeng-lu", "shiyan"][randomInt(4)]}-${randomInt(100_000, 999_999)}-2026`;
  const book = await AccountBook.open(ledger, password);
  const admin = book.account({
    username: "cheng",
    displayName: "程知远",
    roles: [{ role: "committee_admin", orgId: committee, below: true }],
  });
  book.account({
    username: "ning",
    displayName: "宁致远",
    roles: [{ role: "general_branch_admin", orgId: general.graduate, below: true }],
  });
  book.account({
    username: "screen",
    displayName: "学院大屏",
    roles: [{ role: "screen", orgId: committee, below: true }],
  });
  book.account({
    username: "admin",
    displayName: "系统管理员",
    roles: [{ role: "system_admin", orgId: committee, below: true }],
  });
  book.account({
    username: "new",
    displayName: "新到岗同志",
    mustChangePassword: true,
    roles: [{ role: "committee_admin", orgId: committee, below: true }],
  });

  const branches = demoBranches.map((plan) => writeBranch(ledger, book, plan, general, today));
  mergeBranch(ledger, branches, general.graduate);
  writeApplicants(ledger, branches);
  const parameters = writeDutyParameters(ledger, committee);
  writeDemoMeetings(ledger, branches, { today, now: options.now, parameters, firstDay, admin });
  writeDemoEvaluation(ledger, branches, { committee, today });

  const accounts: DemoAccount[] = [
    { username: "cheng", name: "程知远", title: "学院党委组织员" },
    { username: "zhou", name: "周明哲", title: "党支部书记" },
    { username: "wu", name: "吴思齐", title: "支部组织委员" },
    { username: "zheng", name: "郑一鸣", title: "党员" },
    { username: "he", name: "何清越", title: "另一支部书记" },
    { username: "ning", name: "宁致远", title: "党总支组织委员" },
    { username: "screen", name: "学院大屏", title: "大屏" },
    { username: "admin", name: "系统管理员", title: "系统管理员" },
  ];
  return { ledger, accounts, password };
}

function writeBranch(
  ledger: Ledger,
  book: AccountBook,
  plan: BranchPlan,
  general: { committee: number; graduate: number; undergraduate: number },
  today: string,
): DemoBranch {
  const { random } = ledger;
  const openedOn = plan.code === "0128-24" ? "2025-05-08" : "2016-03-01";
  // One branch came from the committee to the general branch in 2025: history the tree can show.
  const moved =
    plan.code === "0128-15" ? { formerParents: [{ parentId: general.committee, until: "2025-03-01" }] } : {};
  const orgId = ledger.org({
    parentId: general[plan.under],
    kind: "branch",
    code: plan.code,
    shortName: plan.shortName,
    category: plan.category,
    openedOn,
    ...moved,
    fullName: `中共S大学计算机学院${plan.shortName.replace(/党支部$/, "")}支部委员会`,
  });
  const groups = groupNames.slice(0, plan.groups).map((name) => {
    const id = random.uuid();
    ledger.add("party_group", { id, org_id: orgId, name });
    return { id, leader: undefined as DemoPerson | undefined };
  });
  const known = knownPeople[plan.shortName] ?? [];
  const people = Array.from({ length: plan.members }, (_, index) =>
    writeMember(
      ledger,
      plan,
      orgId,
      groups[index % groups.length]?.id ?? "",
      index,
      known[index]?.name,
      openedOn,
      today,
    ),
  );
  const committee = people.slice(0, plan.members >= 7 ? Math.min(5, Math.max(3, Math.floor(plan.members / 8))) : 1);
  const posts = ["secretary", "organization_officer", "publicity_officer", "discipline_officer", "committee_member"];
  for (const [index, person] of committee.entries())
    ledger.post(person.id, orgId, posts[index] ?? "committee_member", openedOn > firstDay ? openedOn : firstDay);
  for (const [index, group] of groups.entries()) {
    group.leader = people[index];
    if (group.leader) ledger.post(group.leader.id, orgId, "group_leader", openedOn > firstDay ? openedOn : firstDay);
  }
  let secretaryPrincipal = "";
  for (const [index, person] of people.entries()) {
    const account = known[index];
    const role = account?.role ?? (index === 0 ? "branch_secretary" : index === 1 ? "branch_admin" : "member");
    const roles =
      role === "member"
        ? [{ role, orgId } as const]
        : ([
            { role, orgId },
            { role: "member", orgId },
          ] as const);
    const principal = book.account({
      username: account?.username ?? `s${plan.code.slice(-2)}${String(index + 1).padStart(3, "0")}`,
      displayName: person.name,
      personId: person.id,
      roles: [...roles],
    });
    if (index === 0) secretaryPrincipal = principal;
  }
  return { plan, orgId, openedOn, people, committee, groups, secretaryPrincipal };
}

function writeMember(
  ledger: Ledger,
  plan: BranchPlan,
  orgId: number,
  groupId: string,
  index: number,
  knownName: string | undefined,
  openedOn: string,
  today: string,
): DemoPerson {
  const { random } = ledger;
  const [youngest, oldest] = [birthRange[plan.category][0], birthRange[plan.category][1]];
  // A veteran born before 1970 and before the founding of the state: dates that a careless type would clamp.
  const veteran = plan.category === "retired" && index === 0;
  const birthYear = veteran ? 1948 : random.int(youngest, oldest);
  const birthDay = `${birthYear}-${String(random.int(1, 12)).padStart(2, "0")}-${String(random.int(1, 28)).padStart(2, "0")}`;
  const rare = plan.code === "0128-14" && index === 3 ? "𬱖文䶮" : undefined;
  const name = knownName ?? rare ?? inventName(random);
  const probationary = index > 4 && plan.category !== "retired" && random.chance(0.08);
  const joinedYear = probationary
    ? 2026
    : Math.min(2025, Math.max(birthYear + 19, plan.category === "undergraduate" ? 2024 : birthYear + 19));
  const joinedOn = `${joinedYear}-${probationary ? String(random.int(3, 9)).padStart(2, "0") : String(random.int(1, 12)).padStart(2, "0")}-${String(random.int(1, 28)).padStart(2, "0")}`;
  const settled = index < 6 || plan.category === "staff" || plan.category === "retired";
  const arrived = settled ? "2023-09-01" : random.pick(["2023-09-01", "2023-09-01", "2024-09-01", "2025-09-01"]);
  const from = [arrived, openedOn, joinedOn].sort().at(-1) ?? arrived;
  const person: DemoPerson = {
    id: "",
    name,
    groupId,
    identity: probationary ? "probationary_member" : "full_member",
    from: from > today ? today : from,
    to: null,
    reliability: Math.min(0.99, Math.max(0.4, plan.reliability + (random.next() - 0.5) * 0.2)),
  };
  person.id = ledger.person({
    name,
    birthDay,
    sex: random.chance(plan.category === "retired" ? 0.28 : 0.36) ? "female" : "male",
    ethnicity: random.pick(ethnicities),
    education: random.pick(educationOf[plan.category]),
    joinedOn,
    studentNo: `${plan.code.slice(-2)}${String(birthYear).slice(2)}${String(index + 1).padStart(4, "0")}`,
  });
  ledger.membership(person.id, orgId, { from: person.from, groupId, cause: "admission" });
  if (probationary) ledger.status(person.id, "probationary_member", { from: joinedOn });
  else {
    const converted = calendar.addMonths(joinedOn, 12);
    if (converted > joinedOn && converted <= today) {
      ledger.status(person.id, "probationary_member", { from: joinedOn, to: converted });
      ledger.status(person.id, "full_member", { from: converted });
    } else ledger.status(person.id, "full_member", { from: joinedOn });
  }
  return person;
}

/** A branch that was merged into another in September 2025; its people went with it. */
function mergeBranch(ledger: Ledger, branches: DemoBranch[], parentId: number): void {
  const successor = branches.find((branch) => branch.plan.code === "0128-13");
  if (!successor) return;
  const onDate = "2025-09-01";
  const former = ledger.org({
    parentId,
    kind: "branch",
    code: "0128-04",
    shortName: "网络工程研究生党支部",
    category: "graduate",
    openedOn: "2016-03-01",
    dissolvedOn: onDate,
    fullName: "中共S大学计算机学院网络工程研究生支部委员会",
  });
  ledger.add("org_succession", { from_org_id: former, to_org_id: successor.orgId, kind: "merge", on_date: onDate });
  const memberships = ledger.rows.get("membership") ?? [];
  for (const person of successor.people.slice(-6)) {
    const current = memberships.find((row) => row.person_id === person.id);
    if (!current || String(current.valid_from) >= onDate) continue;
    const since = String(current.valid_from);
    current.valid_from = onDate;
    current.cause_kind = "merge";
    person.from = onDate;
    ledger.membership(person.id, former, { from: since, to: onDate, cause: "admission" });
  }
}

/** Applicants and activists: people whom the college knows and nobody ranks. */
function writeApplicants(ledger: Ledger, branches: DemoBranch[]): void {
  const { random } = ledger;
  for (const branch of branches) {
    if (branch.plan.category !== "graduate" && branch.plan.category !== "undergraduate") continue;
    for (let index = 0; index < 9; index++) {
      const year = random.int(2002, 2007);
      const id = ledger.person({
        name: inventName(random),
        birthDay: `${year}-0${random.int(1, 9)}-1${random.int(0, 9)}`,
        sex: random.chance(0.4) ? "female" : "male",
        education: "本科",
      });
      ledger.membership(id, branch.orgId, { from: "2025-10-01", cause: "application" });
      ledger.status(id, random.pick(["applicant", "activist", "activist", "development_target"]), {
        from: "2025-10-01",
      });
    }
  }
}
