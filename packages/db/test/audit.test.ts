import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createDb, type Db, inTenant, sealAllAudits, sealAudit, verifyAudit } from "../src/index.ts";
import { migrate } from "../src/migrate.ts";

let database: TestDatabase;
let owner: Db;
let app: Db;
let tenantId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.owner);
  [owner, app] = [createDb(database.owner), createDb(database.app)];
});
afterAll(async () => {
  await Promise.all([owner.$disconnect(), app.$disconnect()]);
  await database.drop();
});
beforeEach(async () => {
  tenantId = (await owner.tenant.create({ data: { code: randomUUID() } })).id;
});

/** Events as the apps write them, with words that a hash must tell apart. */
const write = (count: number, action = "meeting.edit") =>
  inTenant(app, tenantId, (tx) =>
    tx.auditEvent.createMany({
      data: Array.from({ length: count }, (_, at) => ({
        tenantId,
        action,
        subjectKind: "meeting",
        subjectId: String(at),
        reason: `原因“${at}”\n`,
        fields: ["title", "place"],
      })),
    }),
  );
/** Seals until nothing of this tenant waits: events of the same millisecond wait for the next one. */
async function seal(): Promise<void> {
  await vi.waitFor(async () => {
    await sealAudit(app, tenantId, { settleMs: 0 });
    expect((await report()).waiting).toBe(0);
  });
}
const report = async (options: Parameters<typeof verifyAudit>[1] = {}) => {
  const found = (await verifyAudit(owner, options)).find((one) => one.tenantId === tenantId);
  if (!found) throw new Error("no report of this tenant");
  return found;
};
/** Three seals over six events; the middle one holds the third and fourth. */
async function sealed(): Promise<string[]> {
  for (let round = 0; round < 3; round++) {
    await write(2);
    await seal();
  }
  const rows = await owner.auditEvent.findMany({ where: { tenantId }, orderBy: { id: "asc" } });
  return rows.map((row) => row.id);
}
const middle = (ids: readonly string[]): string => ids[2] ?? "";

describe("the chain of seals", () => {
  it("fits as long as nobody touches the trail, and says what to keep elsewhere", async () => {
    await sealed();
    const found = await report();
    expect(found).toMatchObject({ seals: 3, rows: 6, waiting: 0, problem: null });
    expect(found.newest).toMatchObject({ no: 3, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await sealAudit(app, tenantId, { settleMs: 0 })).toBe(0);
  });

  it.each([
    ["action", "UPDATE audit_event SET action = 'meeting.void'"],
    ["reason, by one character", "UPDATE audit_event SET reason = reason || ' '"],
    ["who did it", "UPDATE audit_event SET principal_id = gen_random_uuid()"],
    ["the fields", "UPDATE audit_event SET fields = '{title}'"],
    ["when", "UPDATE audit_event SET created_at = created_at + interval '1 ms'"],
  ])("tells a changed row: %s", async (_, sql) => {
    const ids = await sealed();
    await owner.$executeRawUnsafe(`${sql} WHERE id = '${middle(ids)}'`);
    expect((await report()).problem).toEqual({ no: 2, text: expect.stringContaining("a row was changed") });
  });

  it("tells a removed row", async () => {
    const ids = await sealed();
    await owner.auditEvent.delete({ where: { id: middle(ids) } });
    expect((await report()).problem).toEqual({ no: 2, text: expect.stringContaining("rows removed") });
  });

  it("tells a row slipped in between, also between two seals", async () => {
    const ids = await sealed();
    const after = (id: string) => {
      const next = (BigInt(`0x${id.replaceAll("-", "")}`) + 1n).toString(16).padStart(32, "0");
      return next.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    };
    for (const [at, no] of [
      [2, 2],
      [3, 3],
    ] as const) {
      const id = after(ids[at] ?? "");
      await owner.auditEvent.create({ data: { id, tenantId, action: "x", subjectKind: "x", subjectId: "x" } });
      expect((await report()).problem).toEqual({ no, text: expect.stringContaining("rows added") });
      await owner.auditEvent.delete({ where: { id } });
    }
    expect((await report()).problem).toBeNull();
  });

  it("tells a removed seal, wherever it was", async () => {
    for (const no of [1, 2]) {
      await sealed();
      await owner.auditSeal.delete({ where: { tenantId_no: { tenantId, no } } });
      expect((await report()).problem).toEqual({ no, text: expect.stringContaining("seal removed") });
      tenantId = (await owner.tenant.create({ data: { code: randomUUID() } })).id;
    }
    await sealed();
    const kept = (await report()).newest;
    await owner.auditSeal.delete({ where: { tenantId_no: { tenantId, no: 3 } } });
    const later = new Date(Date.now() + 2 * 3_600_000);
    expect((await report({ now: later })).problem).toEqual({ no: 4 - 1, text: expect.stringContaining("overdue") });
    const anchors = [{ tenantId, no: 3, digest: kept?.digest ?? "" }];
    expect((await report({ anchors })).problem).toEqual({ no: 3, text: expect.stringContaining("seal removed") });
  });

  it("tells a seal that was changed to fit changed rows, by the next one or by the one kept elsewhere", async () => {
    const ids = await sealed();
    const newest = (await report()).newest;
    await owner.auditSeal.update({ where: { tenantId_no: { tenantId, no: 2 } }, data: { rowCount: 3 } });
    expect((await report()).problem).toEqual({ no: 2, text: expect.stringContaining("seal changed") });
    // The whole chain made anew over changed rows fits in itself.
    await owner.auditSeal.deleteMany({ where: { tenantId } });
    await owner.auditEvent.update({ where: { id: middle(ids) }, data: { action: "nothing" } });
    for (let no = 1; no <= 3; no++) await seal();
    expect((await report()).problem).toBeNull();
    const anchors = [{ tenantId, no: 1, digest: newest?.digest ?? "" }];
    expect((await report({ anchors })).problem?.text).toContain("kept elsewhere");
  });

  it("waits for a transaction that is still open: its events have earlier ids and come later", async () => {
    const gate = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const slow = app.$transaction(
      async (tx) => {
        await tx.$executeRaw`SELECT set_config('app.tenant_id', ${String(tenantId)}, true)`;
        await tx.auditEvent.create({ data: { tenantId, action: "slow", subjectKind: "x", subjectId: "x" } });
        written.resolve();
        await gate.promise;
      },
      { timeout: 30_000 },
    );
    await written.promise;
    await write(3);
    await new Promise((wake) => setTimeout(wake, 20));
    expect(await sealAudit(app, tenantId, { settleMs: 0 })).toBe(0);
    gate.resolve();
    await slow;
    await seal();
    expect(await report()).toMatchObject({ rows: 4, problem: null });
  });

  it("is made once when two processes seal at the same moment", async () => {
    await write(50);
    await vi.waitFor(async () => {
      await Promise.all([1, 2, 3].map(() => sealAudit(app, tenantId, { settleMs: 0 })));
      expect((await report()).waiting).toBe(0);
    });
    expect(await report()).toMatchObject({ rows: 50, problem: null });
  });

  it("covers every tenant that has accounts, and leaves young events alone", async () => {
    await owner.authUser.create({
      data: { id: randomUUID(), name: "x", email: `${randomUUID()}@x.invalid`, tenantId },
    });
    await write(1);
    expect(await sealAllAudits(app)).toEqual({ rows: 0, failures: [] });
    await owner.$executeRaw`UPDATE audit_event SET id = overlay(id::text placing '01900000' from 1 for 8)::uuid WHERE tenant_id = ${tenantId}`;
    expect(await sealAllAudits(app)).toEqual({ rows: 1, failures: [] });
    expect((await report()).problem).toBeNull();
  });
});

describe("the role of the apps", () => {
  it.each([
    ["audit_event", "UPDATE audit_event SET action = 'x'"],
    ["audit_event", "DELETE FROM audit_event"],
    ["audit_event", "TRUNCATE audit_event"],
    ["audit_seal", "UPDATE audit_seal SET digest = previous"],
    ["audit_seal", "DELETE FROM audit_seal"],
    ["audit_seal", "TRUNCATE audit_seal"],
  ])("cannot change %s: %s", async (table, sql) => {
    await sealed();
    const tried = inTenant(app, tenantId, (tx) => tx.$executeRawUnsafe(sql));
    await expect(tried).rejects.toThrow(`permission denied for table ${table}`);
    expect((await report()).problem).toBeNull();
  });

  it("sees and seals its own tenant only", async () => {
    await sealed();
    const other = (await owner.tenant.create({ data: { code: randomUUID() } })).id;
    expect(await inTenant(app, other, (tx) => tx.auditSeal.count())).toBe(0);
    const [first] = await owner.auditSeal.findMany({ where: { tenantId }, take: 1 });
    if (!first) throw new Error("no seal");
    await expect(inTenant(app, other, (tx) => tx.auditSeal.create({ data: { ...first, no: 9 } }))).rejects.toThrow(
      "row-level security",
    );
  });
});

describe("npm run audit:verify", () => {
  const cli = (...anchors: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, "../src/audit-cli.ts"), ...anchors], {
      env: { ...process.env, OWNER_DATABASE_URL: database.owner },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        text: error.stdout + error.stderr,
      }),
    );

  it("prints what fits and exits with 1 and the first broken seal otherwise", async () => {
    await owner.$executeRaw`TRUNCATE audit_event, audit_seal`;
    const ids = await sealed();
    const good = await cli();
    expect(good.code).toBe(0);
    const line = new RegExp(`${tenantId}:3:[0-9a-f]{64}`).exec(good.text)?.[0] ?? "";
    expect(line).not.toBe("");
    expect((await cli(line)).code).toBe(0);
    expect((await cli("nonsense")).code).toBe(2);
    await owner.auditEvent.delete({ where: { id: middle(ids) } });
    const bad = await cli();
    expect(bad.code).toBe(1);
    expect(bad.text).toContain("seal 2");
  });
});
