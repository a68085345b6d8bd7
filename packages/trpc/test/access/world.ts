import { randomUUID } from "node:crypto";
import { initialRoles, loadScope, type RoleCode, type Scope } from "@xianfeng/auth";
import type { OrgRelation } from "@xianfeng/auth/access-table";
import { blindIndex, createDb, type Db, encrypt, inTenant, maskIdNumber, maskPhone } from "@xianfeng/db";
import { createTestDatabase } from "@xianfeng/stack/testing";
import { instantOf, toColumn } from "../../src/kernel/calendar.ts";
import type { RequestContext } from "../../src/kernel/index.ts";
import { keys, today, validIdNumber } from "../fixture.ts";

/** The tree by place: U is a whole university with two committees, each with two general branches of three branches; X is another tenant. */
export const places = {
  U: "U",
  K1: "U/K1",
  K2: "U/K2",
  G11: "U/K1/G11",
  G12: "U/K1/G12",
  G21: "U/K2/G21",
  G22: "U/K2/G22",
  B111: "U/K1/G11/B111",
  B112: "U/K1/G11/B112",
  B113: "U/K1/G11/B113",
  B121: "U/K1/G12/B121",
  B122: "U/K1/G12/B122",
  B123: "U/K1/G12/B123",
  B211: "U/K2/G21/B211",
  B212: "U/K2/G21/B212",
  B213: "U/K2/G21/B213",
  B221: "U/K2/G22/B221",
  B222: "U/K2/G22/B222",
  B223: "U/K2/G22/B223",
  X: "X",
  X1: "X/X1",
} as const;
export type Place = keyof typeof places;
export const placeNames = Object.keys(places) as Place[];
export const branches = placeNames.filter((name) => name.startsWith("B") || name === "X1");

/** How `other` stands to `from`, read off the names alone: no code of the product is asked. */
export function relationOf(from: Place, other: Place): OrgRelation {
  const [one, two] = [places[from].split("/"), places[other].split("/")];
  if (one[0] !== two[0]) return "other_tenant";
  let common = 0;
  while (common < one.length && one[common] === two[common]) common++;
  const [up, down] = [one.length - common, two.length - common];
  const found: Record<string, OrgRelation> = {
    "0 0": "own",
    "0 1": "child",
    "0 2": "grandchild",
    "0 3": "great_grandchild",
    "1 0": "parent",
    "2 0": "grandparent",
    "3 0": "great_grandparent",
    "1 1": "sibling",
    "1 2": "nephew",
    "2 1": "uncle",
    "2 2": "cousin",
  };
  return found[`${up} ${down}`] ?? "other_committee";
}

/** Text that stands in every free field of what belongs to an organisation: found in an answer, it has come from there. */
export const markerOf = (place: Place): string => `标记-${place}-`;

export type Holder = { role: RoleCode; at: Place; below: boolean };

export type Records = {
  people: string[];
  /** Of the first person. */
  statusId: string;
  published: string;
  draft: string;
};

const kindOf = (place: Place) =>
  /^[UKX]\d?$/.test(place) && place !== "X1" ? "committee" : place[0] === "G" ? "general_branch" : "branch";

/** Two tenants with one of each record in every branch, in a database of its own. Nothing here goes through the procedures. */
export async function createWorld() {
  const template = process.env.XF_TEST_TEMPLATE;
  if (!template) throw new Error('No template: set globalSetup: ["@xianfeng/stack/testing", "./test/template.ts"]');
  const database = await createTestDatabase({ template });
  const [owner, app] = [createDb(database.owner), createDb(database.app)];
  const tenants = { U: await addTenant(owner, "U"), X: await addTenant(owner, "X") };
  const tenantOf = (place: Place) => (places[place].startsWith("X") ? tenants.X : tenants.U);
  const orgs = {} as Record<Place, number>;
  for (const place of placeNames) orgs[place] = await addOrg(owner, tenantOf(place), place, orgs);
  const records = {} as Record<Place, Records>;
  let serial = 0;
  for (const branch of branches) {
    const people: string[] = [];
    for (const which of ["甲", "乙"])
      people.push(await addPerson(owner, tenantOf(branch), orgs[branch], `${markerOf(branch)}${which}`, ++serial));
    const first = await owner.personStatus.findFirstOrThrow({ where: { personId: people[0] ?? "" } });
    records[branch] = {
      people,
      statusId: first.id,
      published: await addMeeting(owner, tenantOf(branch), orgs[branch], { place: branch, state: "published", people }),
      draft: await addMeeting(owner, tenantOf(branch), orgs[branch], { place: branch, state: "draft", people: [] }),
    };
  }
  const twins = {
    B111: await addPerson(owner, tenants.U, orgs.B111, "王同名", ++serial),
    B112: await addPerson(owner, tenants.U, orgs.B112, "王同名", ++serial),
  };
  const evaluations = {
    K1: await addEvaluation(owner, tenants.U, "K1", orgs, records),
    K2: await addEvaluation(owner, tenants.U, "K2", orgs, records),
    X: await addEvaluation(owner, tenants.X, "X", orgs, records),
  };
  const messages = { U: await addMessage(owner, tenants.U, "U"), X: await addMessage(owner, tenants.X, "X") };
  const principals = new Map<string, string>();

  /** What the server would know of somebody with these roles. */
  async function scopeOf(holders: readonly Holder[], personId: string | null = null): Promise<Scope> {
    const key = JSON.stringify([holders, personId]);
    const tenantId = tenantOf(holders[0]?.at ?? "U");
    const userId = principals.get(key) ?? (await addPrincipal(owner, tenantId, orgs, holders, personId));
    principals.set(key, userId);
    const scope = await inTenant(app, tenantId, (tx) => loadScope(tx, userId, today));
    if (!scope) throw new Error(`no scope for ${key}`);
    return scope;
  }
  const now = instantOf(today, "10:00");
  const contextOf = (scope: Scope | null, db: Db = app): RequestContext => ({
    db,
    scope,
    now,
    requestId: randomUUID(),
    keys,
    signInCodeKey: "test-sign-in-code-key-0000000",
  });
  return {
    owner,
    app,
    tenants,
    orgs,
    records,
    evaluations,
    messages,
    /** Two people of one name in sibling branches. */
    twins,
    scopeOf,
    contextOf,
    tenantOf,
    async close() {
      await Promise.all([owner.$disconnect(), app.$disconnect()]);
      await database.drop();
    },
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;

async function addTenant(db: Db, code: string): Promise<number> {
  const { id } = await db.tenant.create({ data: { code } });
  for (const [role, { title, grants }] of Object.entries(initialRoles)) {
    const { id: roleId } = await db.role.create({ data: { tenantId: id, code: role, title } });
    await db.rolePermission.createMany({ data: grants.map((permission) => ({ tenantId: id, roleId, permission })) });
  }
  return id;
}

async function addOrg(db: Db, tenantId: number, place: Place, orgs: Record<Place, number>): Promise<number> {
  const above = places[place].split("/").slice(0, -1).at(-1) as Place | undefined;
  const parentId = above ? orgs[above] : null;
  const [openedOn, kind, name] = [toColumn("2015-01-01"), kindOf(place), `${markerOf(place)}组织`];
  const { id } = await db.partyOrg.create({
    data: { tenantId, parentId, kind, code: place, shortName: name, fullName: name, openedOn },
  });
  const parentPath = parentId ? await db.partyOrgPath.findUniqueOrThrow({ where: { orgId: parentId } }) : null;
  const depth = parentPath ? parentPath.depth + 1 : 0;
  await db.partyOrgPath.create({ data: { orgId: id, tenantId, path: `${parentPath?.path ?? "/"}${id}/`, depth } });
  await db.orgVersion.create({ data: { tenantId, orgId: id, parentId, fullName: name, kind, validFrom: openedOn } });
  return id;
}

async function addPerson(db: Db, tenantId: number, orgId: number, name: string, serial: number): Promise<string> {
  const validFrom = toColumn("2020-09-01");
  const [idNumber, phone] = [validIdNumber(serial), `154${String(serial).padStart(8, "0")}`];
  const { id } = await db.person.create({
    data: {
      tenantId,
      birthYear: 1995,
      private: {
        create: {
          tenantId,
          name,
          pinyin: "biaoji",
          initials: "bj",
          studentNo: `A${String(serial).padStart(6, "0")}`,
          idNumberEnc: encrypt(keys, idNumber),
          idNumberHmac: blindIndex(keys, idNumber),
          idNumberMask: maskIdNumber(idNumber),
          phoneEnc: encrypt(keys, phone),
          phoneMask: maskPhone(phone),
        },
      },
      memberships: { create: { tenantId, orgId, validFrom } },
      statuses: { create: { tenantId, identity: "full_member", validFrom } },
    },
  });
  return id;
}

async function addMeeting(
  db: Db,
  tenantId: number,
  orgId: number,
  { place, state, people }: { place: Place; state: "draft" | "published"; people: readonly string[] },
): Promise<string> {
  const starts = instantOf(today, "15:00");
  const { id } = await db.meeting.create({
    data: {
      tenantId,
      orgId,
      kind: "member_meeting",
      heldOn: toColumn(today),
      startsAt: starts,
      endsAt: instantOf(today, "16:30"),
      checkInOpensAt: instantOf(today, "14:40"),
      lateAfter: instantOf(today, "15:10"),
      state,
      publishedAt: state === "published" ? instantOf(today, "08:00") : null,
      createdBy: randomUUID(),
      body: {
        create: {
          tenantId,
          title: `${markerOf(place)}会议`,
          place: `${markerOf(place)}地点`,
          agenda: `${markerOf(place)}议程`,
          hostId: people[0] ?? null,
        },
      },
    },
  });
  await db.attendance.createMany({
    data: people.map((personId) => ({
      tenantId,
      meetingId: id,
      personId,
      orgIdThen: orgId,
      identityThen: "full_member",
    })),
  });
  return id;
}

/** A message that could not be sent, to nobody in particular. */
async function addMessage(db: Db, tenantId: number, place: Place): Promise<string> {
  const { id } = await db.outboxMessage.create({
    data: {
      tenantId,
      dedupeKey: place,
      channel: "mail",
      expiresAt: instantOf("2026-12-31", "00:00"),
      principalId: randomUUID(),
      subject: `${markerOf(place)}消息`,
      body: `${markerOf(place)}消息`,
      state: "failed",
    },
  });
  return id;
}

type Evaluation = Record<"periodId" | "indicatorId" | "live" | "preview" | "sealed" | "retracted", string>;

/** Indicators and schemes belong to the tenant as a whole. A period of a committee over its branches, with a live run, a preview, a published report and a retracted one. */
async function addEvaluation(
  db: Db,
  tenantId: number,
  at: Place,
  orgs: Record<Place, number>,
  records: Record<Place, Records>,
): Promise<Evaluation> {
  const under = branches.filter((branch) => places[branch].startsWith(`${places[at]}/`));
  const code = `${at}-theory`;
  const indicator = await db.indicator.create({ data: { tenantId, code, title: "理论学习", source: "imported" } });
  const scheme = await db.schemeVersion.create({ data: { tenantId, code: `${at}.1版` } });
  await db.schemeItem.create({
    data: { tenantId, schemeVersionId: scheme.id, indicatorId: indicator.id, weight: 100 },
  });
  const period = await db.evaluationPeriod.create({
    data: {
      tenantId,
      orgId: orgs[at],
      year: 2026,
      ordinal: 2,
      startsOn: toColumn("2026-07-01"),
      endsOn: toColumn("2026-12-31"),
      branches: { create: under.map((branch) => ({ tenantId, orgId: orgs[branch] })) },
    },
  });
  await db.evaluationEntry.createMany({
    data: under.flatMap((branch) =>
      records[branch].people.map((personId) => ({
        tenantId,
        periodId: period.id,
        personId,
        indicatorId: indicator.id,
        valueBp: 9_000,
        groupOrgId: orgs[branch],
      })),
    ),
  });
  const run = async (state: string, versionNo: number, report?: "published" | "retracted"): Promise<string> => {
    const data = { tenantId, orgId: orgs[at], periodId: period.id, schemeVersionId: scheme.id, asOfOn: period.endsOn };
    const { id } = await db.evaluationRun.create({ data: { ...data, state: report ? "preview" : state, versionNo } });
    if (!report) return id;
    await db.evaluationResult.createMany({
      data: under.flatMap((branch) =>
        records[branch].people.map((personId, place) => ({
          tenantId,
          runId: id,
          populationKind: "branch",
          populationOrgId: orgs[branch],
          subjectKind: "person",
          subjectId: personId,
          indicatorCode: "overall",
          groupOrgId: orgs[branch],
          scoreNum: 1n,
          scoreDen: 2n,
          rank: place + 1,
          ofN: 2,
        })),
      ),
    });
    await db.evaluationReport.create({ data: { tenantId, runId: id, state: report, note: `${markerOf(at)}更正` } });
    await db.evaluationRun.update({ where: { id }, data: { state: "sealed", sealedAt: instantOf(today, "09:00") } });
    return id;
  };
  return {
    periodId: period.id,
    indicatorId: indicator.id,
    live: await run("live", 0),
    preview: await run("preview", 3),
    sealed: await run("sealed", 2, "published"),
    retracted: await run("sealed", 1, "retracted"),
  };
}

async function addPrincipal(
  db: Db,
  tenantId: number,
  orgs: Record<Place, number>,
  holders: readonly Holder[],
  personId: string | null,
): Promise<string> {
  const userId = randomUUID();
  await db.authUser.create({ data: { id: userId, name: userId, email: `${userId}@users.invalid`, tenantId } });
  const displayName = holders.map(({ role, at }) => `${role} of ${at}`).join(" and ");
  const principal = await db.principal.create({ data: { tenantId, userId, personId, displayName } });
  for (const { role, at, below } of holders) {
    const { id: roleId } = await db.role.findUniqueOrThrow({ where: { tenantId_code: { tenantId, code: role } } });
    const validFrom = toColumn("2020-01-01");
    await db.roleAssignment.create({
      data: { tenantId, principalId: principal.id, roleId, orgId: orgs[at], below, validFrom },
    });
  }
  return userId;
}
