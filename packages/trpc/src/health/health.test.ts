import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alarmsOf } from "@xianfeng/service/alarms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFixture, type Fixture } from "../../test/fixture.ts";
import { createCaller } from "../index.ts";
import { createPlatform } from "./index.ts";

let fixture: Fixture;
let folder: string;
/** Accepts connections and says nothing, as a frozen process does. */
let frozen: { url: string; close(): void };
beforeAll(async () => {
  fixture = await createFixture();
  folder = mkdtempSync(join(tmpdir(), "xianfeng-health-test-"));
  mkdirSync(join(folder, "stamps"));
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  frozen = { url: `http://127.0.0.1:${port}`, close: () => server.close() };
});
afterAll(async () => {
  frozen?.close();
  rmSync(folder, { recursive: true, force: true });
  await fixture?.close();
});

/** Nobody listens on port 1. */
const nowhere = "http://127.0.0.1:1";
async function callerWith(role: "system_admin" | "committee_admin" | "branch_secretary", stream = nowhere) {
  const platform = createPlatform({
    stream,
    warehouse: nowhere,
    cube: nowhere,
    insights: nowhere,
    mail: nowhere,
    controlKey: "test-control-key-000000000000",
    stateDir: folder,
  });
  return createCaller({ ...(await fixture.contextOf([[role, "K1"]])), platform });
}
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "no refusal",
    (error) => `${error.code}`,
  );

it("H1: with everything else away the page still answers and calls each part silent, never well", async () => {
  const admin = await callerWith("system_admin");
  const health = await admin.health.get();
  const states = Object.fromEntries(health.parts.map(({ name, state }) => [name, state]));
  expect(states).toEqual({
    postgres: "ok",
    stream: "silent",
    raw: "silent",
    marts: "silent",
    cube: "silent",
    insights: "silent",
    ops: "ok",
    mail: "silent",
  });
  expect(health.parts.find(({ name }) => name === "stream")?.answered).toBeNull();
  expect(health.postgres.version).toMatch(/^18/);
  expect(health.stream).toBeNull();
});

it("H1: a process that takes connections and says nothing is silent, too, within the patience of a reader", async () => {
  const admin = await callerWith("system_admin", frozen.url);
  const began = performance.now();
  const health = await admin.health.get();
  expect(health.parts.find(({ name }) => name === "stream")?.state).toBe("silent");
  expect(performance.now() - began).toBeLessThan(15_000);
});

it("H2: backup, seals and comparison are told as the commands wrote them down, and an old backup alarms", async () => {
  const admin = await callerWith("system_admin");
  const codes = async () => (await admin.health.get()).alarms.map(({ code }) => code);
  expect(await codes()).toContain("backup_old");
  const at = (await fixture.contextOf([["system_admin", "K1"]])).now;
  const write = (name: string, record: object) =>
    writeFileSync(join(folder, "stamps", `${name}.json`), JSON.stringify({ at: at.toISOString(), ...record }));
  write("backup", { file: "x.backup", tables: 40, rows: 1_000 });
  write("audit", { fits: true });
  write("reconcile", { equal: false, tables: 19 });
  expect(await codes()).not.toContain("backup_old");
  expect((await admin.health.get()).records).toMatchObject({
    backup: { file: "x.backup", rows: 1_000 },
    audit: { fits: true },
    reconcile: { equal: false, tables: 19 },
  });
  writeFileSync(join(folder, "stamps", "backup.json"), "{ half");
  expect((await admin.health.get()).records.backup).toBeNull();
});

it("H3: events without a seal alarm when sealing is behind", async () => {
  const admin = await callerWith("system_admin");
  expect((await admin.health.get()).alarms.map(({ code }) => code)).not.toContain("sealing_behind");
  await fixture.owner.$executeRaw`
    INSERT INTO audit_event (tenant_id, action, subject_kind, subject_id, created_at)
    SELECT id, 'test', 'test', 'test', now() - interval '2 hours' FROM tenant`;
  const { alarms, sealing } = await admin.health.get();
  expect(alarms).toContainEqual(expect.objectContaining({ code: "sealing_behind", level: "broken" }));
  expect(sealing.waitingSeconds).toBeGreaterThan(7_000);
});

it("H4: when the stream does not take it on, it is said so and nothing stands in the trail", async () => {
  const admin = await callerWith("system_admin");
  const trail = () => fixture.owner.auditEvent.count({ where: { action: { startsWith: "system." } } });
  for (const call of [admin.health.replay, admin.health.repair])
    expect(await refusal(call({ id: randomUUID(), table: "meeting" }))).toBe("SERVICE_UNAVAILABLE");
  expect(await trail()).toBe(0);
  expect(await refusal(admin.health.letters())).toBe("SERVICE_UNAVAILABLE");
  expect(await refusal(admin.health.repair({ id: randomUUID(), table: "meeting; drop" }))).toBe("BAD_REQUEST");
});

it("H3: the slot is told by the database itself, so that it alarms while the stream is away", async () => {
  const admin = await callerWith("system_admin");
  expect((await admin.health.get()).slot).toBeNull();
  await fixture.owner.$executeRaw`SELECT pg_create_logical_replication_slot('xianfeng_cdc', 'pgoutput')`;
  try {
    const { slot, stream, alarms } = await admin.health.get();
    expect(stream).toBeNull();
    expect(slot?.slot).toBe("reserved");
    expect(slot?.slotKeptBytes).toBeGreaterThanOrEqual(0);
    expect(alarms.map(({ code }) => code)).not.toContain("slot_lost");
    const limit = 1024 ** 3;
    expect(alarmsOf({ stream: { ...slot, lagBytes: 0, slotSafeBytes: limit / 8, slotLimitBytes: limit } })).toEqual([
      expect.objectContaining({ code: "slot_safe" }),
    ]);
  } finally {
    await fixture.owner.$executeRaw`SELECT pg_drop_replication_slot('xianfeng_cdc')`;
  }
});

it("H5: nobody but the system administrator sees or asks anything", async () => {
  for (const role of ["committee_admin", "branch_secretary"] as const) {
    const caller = await callerWith(role);
    const asked = { id: randomUUID(), table: "meeting" };
    for (const work of [
      caller.health.get(),
      caller.health.letters(),
      caller.health.replay(asked),
      caller.health.repair(asked),
    ])
      expect(await refusal(work)).toBe("FORBIDDEN");
  }
});
