import { randomUUID } from "node:crypto";
import { initialRoles, loadScope, type RoleCode } from "@xianfeng/auth";
import {
  blindIndex,
  createDb,
  type Db,
  encrypt,
  inTenant,
  maskIdNumber,
  maskPhone,
  type PersonalKeys,
} from "@xianfeng/db";
import { createTestDatabase } from "@xianfeng/stack/testing";
import { createCaller } from "../src/index.ts";
import * as calendar from "../src/kernel/calendar.ts";
import type { RequestContext } from "../src/kernel/index.ts";

/** The day on which all service tests happen, unless they move it. */
export const today = "2026-11-20";
export const keys: PersonalKeys = {
  dataKey: "test-data-key-0000000000000000",
  blindIndexKey: "test-blind-index-key-00000000",
};
const roleCodes = Object.keys(initialRoles) as RoleCode[];

type OrgName = "K1" | "G1" | "G2" | "B1" | "B2" | "B3" | "B4" | "K2" | "X1";
type Person = { id: string; name: string; studentNo: string };

/** A character in the name of everybody in a branch. */
export const markers: Record<string, string> = { B1: "东", B2: "南", B3: "西", B4: "北", X1: "外" };

/**
 * Two tenants. One: committee K1 over general branches G1 (B1, B2), G2 (B3) and branch B4. The other: committee K2 over branch X1.
 * Every branch has three members (full, full, probationary) and an activist; names carry the branch, so that a leak shows.
 */
export async function createFixture() {
  const template = process.env.XF_TEST_TEMPLATE;
  if (!template) throw new Error('No template: set globalSetup: ["@xianfeng/stack/testing", "./test/template.ts"]');
  const database = await createTestDatabase({ template });
  const owner = createDb(database.owner);
  const app = createDb(database.app);
  const orgs = {} as Record<OrgName, number>;
  const tenants = {} as Record<"one" | "two", number>;
  const people = new Map<OrgName, Person[]>();

  await addTenant(owner, "one", tenants);
  await addTenant(owner, "two", tenants);
  const tree: Array<[OrgName, OrgName | null, string, "one" | "two"]> = [
    ["K1", null, "committee", "one"],
    ["G1", "K1", "general_branch", "one"],
    ["G2", "K1", "general_branch", "one"],
    ["B1", "G1", "branch", "one"],
    ["B2", "G1", "branch", "one"],
    ["B3", "G2", "branch", "one"],
    ["B4", "K1", "branch", "one"],
    ["K2", null, "committee", "two"],
    ["X1", "K2", "branch", "two"],
  ];
  for (const [name, parent, kind, tenant] of tree)
    orgs[name] = await addOrg(owner, tenants[tenant], name, parent ? orgs[parent] : null, kind);
  let serial = 0;
  for (const [name, , kind, tenant] of tree) {
    if (kind !== "branch") continue;
    const list: Person[] = [];
    for (const identity of ["full_member", "full_member", "probationary_member", "activist"])
      list.push(
        await addPerson(owner, tenants[tenant], orgs[name], {
          name: `标记${markers[name]}${"甲乙丙丁"[list.length]}`,
          identity,
          serial: ++serial,
        }),
      );
    people.set(name, list);
  }

  /** Procedures as somebody with these roles, optionally as this person, on another day or instant. */
  async function as(
    roles: Array<[RoleCode, OrgName, ("below" | undefined)?]>,
    options: { personId?: string; now?: Date; mustChangePassword?: boolean } = {},
  ) {
    const tenantId = roles[0] && ["K2", "X1"].includes(roles[0][1]) ? tenants.two : tenants.one;
    const context = await contextOf(tenantId, roles, options);
    return Object.assign(createCaller(context), { context });
  }

  async function contextOf(
    tenantId: number,
    roles: Array<[RoleCode, OrgName, ("below" | undefined)?]>,
    options: { personId?: string; now?: Date; mustChangePassword?: boolean },
  ): Promise<RequestContext & { principalId: string }> {
    const userId = randomUUID();
    await owner.authUser.create({ data: { id: userId, name: userId, email: `${userId}@users.invalid`, tenantId } });
    const principal = await owner.principal.create({
      data: {
        tenantId,
        userId,
        personId: options.personId ?? null,
        displayName: roles.map(([role, org]) => `${role}@${org}`).join("+") || "nobody",
        mustChangePassword: options.mustChangePassword ?? false,
      },
    });
    for (const [code, org, below] of roles) {
      const role = await owner.role.findUniqueOrThrow({ where: { tenantId_code: { tenantId, code } } });
      await owner.roleAssignment.create({
        data: {
          tenantId,
          principalId: principal.id,
          roleId: role.id,
          orgId: orgs[org],
          below: below === "below",
          validFrom: calendar.toColumn("2020-01-01"),
        },
      });
    }
    const now = options.now ?? calendar.instantOf(today, "10:00");
    const scope = await inTenant(app, tenantId, (tx) => loadScope(tx, userId, calendar.dayAt(now)));
    return {
      db: app,
      scope,
      now,
      requestId: randomUUID(),
      keys,
      signInCodeKey: "test-sign-in-code-key-0000000",
      principalId: principal.id,
    };
  }

  return {
    owner,
    app,
    orgs,
    tenants,
    as,
    /** What `as` calls with, for a test that changes the clock or hands in a reader. */
    contextOf: (roles: Parameters<typeof as>[0], options: Parameters<typeof as>[1] = {}) =>
      contextOf(roles[0] && ["K2", "X1"].includes(roles[0][1]) ? tenants.two : tenants.one, roles, options),
    /** Nobody: no session at all. */
    anonymous: () =>
      createCaller({ db: app, scope: null, now: new Date(), requestId: randomUUID(), keys, signInCodeKey: "" }),
    person(org: OrgName, no = 0): Person {
      const found = people.get(org)?.[no];
      if (!found) throw new Error(`no person ${no} in ${org}`);
      return found;
    },
    addPerson: (org: OrgName, person: { name: string; identity?: string; from?: string }) =>
      addPerson(owner, ["K2", "X1"].includes(org) ? tenants.two : tenants.one, orgs[org], {
        ...person,
        serial: ++serial,
      }),
    async close() {
      await Promise.all([owner.$disconnect(), app.$disconnect()]);
      await database.drop();
    },
  };
}

export type Fixture = Awaited<ReturnType<typeof createFixture>>;

async function addTenant(db: Db, code: "one" | "two", tenants: Record<"one" | "two", number>): Promise<void> {
  const { id } = await db.tenant.create({ data: { code } });
  tenants[code] = id;
  for (const role of roleCodes) {
    const { id: roleId } = await db.role.create({
      data: { tenantId: id, code: role, title: initialRoles[role].title },
    });
    await db.rolePermission.createMany({
      data: initialRoles[role].grants.map((permission) => ({ tenantId: id, roleId, permission })),
    });
  }
}

async function addOrg(db: Db, tenantId: number, name: string, parentId: number | null, kind: string): Promise<number> {
  const openedOn = calendar.toColumn("2015-01-01");
  const { id } = await db.partyOrg.create({
    data: {
      tenantId,
      parentId,
      kind,
      code: name,
      shortName: `${name}组织`,
      fullName: `中共试验学院${name}组织`,
      openedOn,
    },
  });
  const above = parentId ? await db.partyOrgPath.findUniqueOrThrow({ where: { orgId: parentId } }) : null;
  await db.partyOrgPath.create({
    data: { orgId: id, tenantId, path: `${above?.path ?? "/"}${id}/`, depth: above ? above.depth + 1 : 0 },
  });
  await db.orgVersion.create({
    data: { tenantId, orgId: id, parentId, fullName: `中共试验学院${name}组织`, kind, validFrom: openedOn },
  });
  if (!parentId) await db.tenant.update({ where: { id: tenantId }, data: { rootOrgId: id } });
  return id;
}

async function addPerson(
  db: Db,
  tenantId: number,
  orgId: number,
  {
    name,
    identity = "full_member",
    from = "2020-09-01",
    serial,
  }: { name: string; identity?: string; from?: string; serial: number },
): Promise<Person> {
  const studentNo = `S${String(serial).padStart(6, "0")}`;
  const idNumber = validIdNumber(serial);
  const phone = `154${String(serial).padStart(8, "0")}`;
  const validFrom = calendar.toColumn(from);
  const { id } = await db.person.create({
    data: {
      tenantId,
      birthYear: 1995,
      sex: serial % 2 ? "male" : "female",
      ethnicity: "汉族",
      education: "本科",
      joinedOn: identity.endsWith("member") ? validFrom : null,
      private: {
        create: {
          tenantId,
          name,
          pinyin: "biaoji",
          initials: "bj",
          studentNo,
          idNumberEnc: encrypt(keys, idNumber),
          idNumberHmac: blindIndex(keys, idNumber),
          idNumberMask: maskIdNumber(idNumber),
          phoneEnc: encrypt(keys, phone),
          phoneMask: maskPhone(phone),
        },
      },
      memberships: { create: { tenantId, orgId, validFrom } },
      statuses: { create: { tenantId, identity, validFrom } },
    },
  });
  return { id, name, studentNo };
}

/** A valid number of region 990000, which nobody has: born 7 March 1995, with this serial. */
export function validIdNumber(serial: number): string {
  const first = `99000019950307${String(serial % 1000).padStart(3, "0")}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...first].reduce((total, digit, at) => total + Number(digit) * (weights[at] ?? 0), 0);
  return first + "10X98765432"[sum % 11];
}
