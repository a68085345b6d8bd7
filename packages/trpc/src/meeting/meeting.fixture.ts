/** A small world for the tests of this slice, in a database of its own: two tenants, a tree of three levels, people with offices. */
import { randomUUID } from "node:crypto";
import { initialRoles, loadScope, type RoleCode } from "@xianfeng/auth";
import { createDb, type Db, inTenant } from "@xianfeng/db";
import { createTestDatabase } from "@xianfeng/stack/testing";
import { dayAt, toColumn } from "../kernel/calendar.ts";
import { createCallerFactory, router } from "../kernel/index.ts";
import { currentCode, exchangeCode, type Purpose } from "./meeting.code.ts";
import { meetingRouter, myMeetingRouter } from "./meeting.router.ts";
import type { MeetingForm } from "./meeting.schema.ts";

export const codeKey = "test-sign-in-code-key-0000000000000000";
const createCaller = createCallerFactory(router({ meeting: meetingRouter, myMeeting: myMeetingRouter }));
export type Caller = ReturnType<typeof createCaller>;

/** Shanghai wall clock: "2026-11-20 15:00" or with seconds. */
export const at = (text: string): Date => new Date(`${text.replace(" ", "T")}${text.length === 16 ? ":00" : ""}+08:00`);

export type Account = { userId: string; principalId: string; tenantId: number };
type NewPerson = { name: string; identity?: string; group?: string; posts?: string[] };

export class World {
  readonly owner: Db;
  readonly app: Db;
  readonly drop: () => Promise<void>;
  readonly roles = new Map<string, string>();
  private serial = 0;

  constructor(owner: Db, app: Db, drop: () => Promise<void>) {
    this.owner = owner;
    this.app = app;
    this.drop = drop;
  }

  async tenant(code: string): Promise<number> {
    const { id } = await this.owner.tenant.create({ data: { code } });
    for (const [role, { title, grants }] of Object.entries(initialRoles)) {
      const row = await this.owner.role.create({ data: { tenantId: id, code: role, title } });
      await this.owner.rolePermission.createMany({
        data: grants.map((permission) => ({ roleId: row.id, permission, tenantId: id })),
      });
      this.roles.set(`${id}:${role}`, row.id);
    }
    return id;
  }

  async org(tenantId: number, kind: string, shortName: string, parent: { id: number; path: string } | null = null) {
    this.serial += 1;
    const row = await this.owner.partyOrg.create({
      data: {
        tenantId,
        kind,
        shortName,
        fullName: shortName,
        code: `O${this.serial}`,
        parentId: parent?.id ?? null,
        openedOn: toColumn("2020-01-01"),
      },
    });
    const path = `${parent?.path ?? "/"}${row.id}/`;
    await this.owner.partyOrgPath.create({
      data: { orgId: row.id, tenantId, path, depth: path.split("/").length - 3 },
    });
    return { id: row.id, path };
  }

  group = async (tenantId: number, orgId: number, name: string): Promise<string> =>
    (await this.owner.partyGroup.create({ data: { tenantId, orgId, name } })).id;

  async person(tenantId: number, orgId: number, { name, identity, group, posts }: NewPerson): Promise<string> {
    const since = toColumn("2024-09-01");
    const { id } = await this.owner.person.create({ data: { tenantId } });
    await this.owner.personPrivate.create({ data: { personId: id, tenantId, name, pinyin: name, initials: name } });
    await this.owner.membership.create({
      data: { tenantId, personId: id, orgId, groupId: group ?? null, validFrom: since },
    });
    await this.owner.personStatus.create({
      data: { tenantId, personId: id, identity: identity ?? "full_member", validFrom: since },
    });
    for (const kind of posts ?? [])
      await this.owner.post.create({ data: { tenantId, personId: id, orgId, kind, validFrom: since } });
    return id;
  }

  /** The direct relation goes to another branch from a day on. */
  async transfer(tenantId: number, personId: string, to: number, on: string): Promise<void> {
    await this.owner.membership.updateMany({
      where: { personId, kind: "direct", validTo: null },
      data: { validTo: toColumn(on) },
    });
    await this.owner.membership.create({ data: { tenantId, personId, orgId: to, validFrom: toColumn(on) } });
  }

  async account(
    tenantId: number,
    displayName: string,
    grants: readonly { role: RoleCode; orgId: number; below?: boolean }[],
    personId: string | null = null,
  ): Promise<Account> {
    const userId = randomUUID();
    await this.owner.authUser.create({
      data: { id: userId, name: displayName, email: `${userId}@example.invalid`, tenantId },
    });
    const principal = await this.owner.principal.create({ data: { tenantId, userId, personId, displayName } });
    for (const { role, orgId, below } of grants)
      await this.owner.roleAssignment.create({
        data: {
          tenantId,
          principalId: principal.id,
          roleId: this.roles.get(`${tenantId}:${role}`) ?? "",
          orgId,
          below: below ?? false,
          validFrom: toColumn("2024-09-01"),
        },
      });
    return { userId, principalId: principal.id, tenantId };
  }

  /** Calls procedures as this account at this instant, through the role that row security applies to. */
  async as(account: Account, now: Date): Promise<Caller> {
    const scope = await inTenant(this.app, account.tenantId, (tx) => loadScope(tx, account.userId, dayAt(now)));
    return createCaller({
      db: this.app,
      scope,
      now,
      requestId: "test",
      keys: { dataKey: "test-data-key", blindIndexKey: "test-blind-index-key" },
      signInCodeKey: codeKey,
    });
  }
}

/** A ticket as the phone gets it when it opens the code that is on the wall at `scanned`. */
export function ticketFor(meetingId: string, purpose: Purpose, scanned: Date): string {
  const { code } = currentCode(codeKey, meetingId, purpose, scanned);
  const ticket = exchangeCode(codeKey, meetingId, code, scanned);
  if (!ticket) throw new Error("a fresh code must be exchangeable");
  return ticket;
}

export const plainForm: Partial<MeetingForm> = {
  kind: "member_meeting",
  title: "11月党员大会",
  heldOn: "2026-11-20",
  startTime: "15:00",
  endTime: "16:30",
  place: "学院楼 A302",
  audience: "all_members",
  checkInLead: 20,
  lateAfter: 10,
  hostId: null,
  recorderId: null,
};

export async function makeWorld() {
  const database = await createTestDatabase({ template: process.env.XF_TEST_TEMPLATE ?? "template0" });
  const [owner, app] = [createDb(database.owner), createDb(database.app)];
  const world = new World(owner, app, async () => {
    await owner.$disconnect();
    await app.$disconnect();
    await database.drop();
  });
  const t = await world.tenant("college");
  const root = await world.org(t, "committee", "学院党委");
  const general = await world.org(t, "general_branch", "研究生党总支", root);
  const otherGeneral = await world.org(t, "general_branch", "本科生党总支", root);
  const a = await world.org(t, "branch", "第一党支部", general);
  const b = await world.org(t, "branch", "第二党支部", general);
  const c = await world.org(t, "branch", "第三党支部", otherGeneral);
  const g1 = await world.group(t, a.id, "第一小组");
  const g2 = await world.group(t, a.id, "第二小组");
  const foreignGroup = await world.group(t, b.id, "外支部小组");
  const person = {
    secretary: await world.person(t, a.id, { name: "周同志", group: g1, posts: ["secretary"] }),
    officer: await world.person(t, a.id, { name: "吴同志", group: g1, posts: ["organization_officer"] }),
    publicity: await world.person(t, a.id, { name: "沈同志", group: g2, posts: ["publicity_officer"] }),
    full: await world.person(t, a.id, { name: "郑同志", group: g1 }),
    second: await world.person(t, a.id, { name: "王同志", group: g2 }),
    probationary: await world.person(t, a.id, { name: "冯同志", identity: "probationary_member", group: g2 }),
    activist: await world.person(t, a.id, { name: "韩同志", identity: "activist" }),
    stranger: await world.person(t, b.id, { name: "何同志", posts: ["secretary"] }),
  };
  const account = {
    secretary: await world.account(
      t,
      "周同志",
      [
        { role: "branch_secretary", orgId: a.id },
        { role: "member", orgId: a.id },
      ],
      person.secretary,
    ),
    admin: await world.account(
      t,
      "吴同志",
      [
        { role: "branch_admin", orgId: a.id },
        { role: "member", orgId: a.id },
      ],
      person.officer,
    ),
    full: await world.account(t, "郑同志", [{ role: "member", orgId: a.id }], person.full),
    second: await world.account(t, "王同志", [{ role: "member", orgId: a.id }], person.second),
    probationary: await world.account(t, "冯同志", [{ role: "member", orgId: a.id }], person.probationary),
    sibling: await world.account(
      t,
      "何同志",
      [
        { role: "branch_secretary", orgId: b.id },
        { role: "member", orgId: b.id },
      ],
      person.stranger,
    ),
    cousin: await world.account(t, "许同志", [{ role: "branch_secretary", orgId: c.id }]),
    parent: await world.account(t, "宁同志", [{ role: "general_branch_admin", orgId: general.id, below: true }]),
    otherParent: await world.account(t, "孔同志", [
      { role: "general_branch_admin", orgId: otherGeneral.id, below: true },
    ]),
    committee: await world.account(t, "程同志", [{ role: "committee_admin", orgId: root.id, below: true }]),
    system: await world.account(t, "管理员", [{ role: "system_admin", orgId: root.id }]),
  };
  const t2 = await world.tenant("elsewhere");
  const x = await world.org(t2, "branch", "外单位党支部");
  const xPerson = await world.person(t2, x.id, { name: "外同志" });
  const foreign = await world.account(
    t2,
    "外同志",
    [
      { role: "branch_secretary", orgId: x.id },
      { role: "member", orgId: x.id },
    ],
    xPerson,
  );

  /** A draft of branch A by its administrator. */
  const draft = async (fields: Partial<MeetingForm> = {}, now = at("2026-11-10 09:00")): Promise<string> => {
    const id = randomUUID();
    const caller = await world.as(account.admin, now);
    await caller.meeting.start({ id, orgId: a.id, fields: { ...plainForm, ...fields } });
    return id;
  };
  /** A published meeting of branch A on 20 November, 15:00 to 16:30. */
  const published = async (fields: Partial<MeetingForm> = {}, now = at("2026-11-10 09:00")): Promise<string> => {
    const id = await draft(fields, now);
    const caller = await world.as(account.secretary, now);
    await caller.meeting.publish({ id, version: 1 });
    return id;
  };
  const attendanceOf = (meetingId: string, personId: string) =>
    owner.attendance.findUniqueOrThrow({
      where: { meetingId_personId: { meetingId, personId } },
      include: { notes: { orderBy: { id: "asc" } } },
    });
  return {
    world,
    owner,
    t,
    t2,
    root,
    general,
    a,
    b,
    c,
    x,
    g1,
    g2,
    foreignGroup,
    person,
    account,
    foreign,
    draft,
    published,
    attendanceOf,
  };
}
export type Made = Awaited<ReturnType<typeof makeWorld>>;
