import { type Checkout, copyCheckout } from "@xianfeng/db/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { SchemaWorld } from "./schema-world.ts";

/** The versions of the platform that the command makes one after the other. */
const steps = [
  ["add", "meeting", "remark_code", "text"],
  ["rename", "meeting", "remark_code", "remark_key"],
  ["drop", "meeting", "remark_code"],
  ["drop", "meeting", "remark_code"],
];
let versions: Checkout[];
beforeAll(async () => {
  versions = [copyCheckout()];
  for (const step of steps) {
    const checkout = copyCheckout(versions.at(-1)?.root);
    versions.push(checkout);
    const answer = await checkout.run(...step);
    if (answer.code !== 0) throw new Error(answer.text);
  }
});
afterAll(() => {
  for (const checkout of versions ?? []) checkout.remove();
});

let world: SchemaWorld;
beforeEach(async () => {
  world = await SchemaWorld.open(version(0));
  await world.renewStream();
  await world.deploy(version(0));
});
afterEach(() => world?.close());

function version(at: number): Checkout {
  const checkout = versions[at];
  if (!checkout) throw new Error(`no version ${at}`);
  return checkout;
}

/** Lets whoever writes come to an end without an error, compares both sides, and asks the models for every column. */
async function expectWhole(): Promise<string[]> {
  expect(await world.stopWriters()).toBeGreaterThan(0);
  await world.expectEqual();
  const { rows } = await world.sql.query<{ n: number }>("select count(*)::int as n from meeting");
  const models = await world.models();
  expect(models.staged).toBe(rows[0]?.n);
  return models.columns;
}

async function expectSameUnderBothNames(): Promise<void> {
  const { rows } = await world.sql.query<{ apart: number; filled: number }>(
    `select count(*) filter (where remark_code is distinct from remark_key)::int as apart,
       count(remark_key)::int as filled from meeting`,
  );
  expect(rows[0]).toMatchObject({ apart: 0, filled: expect.toSatisfy((filled: number) => filled > 0) });
}

test("SCH20: migrations first: the old stream, the old models and writers of both versions go on, and nothing differs", async () => {
  const stream = world.streamPid;
  world.startWriter();
  await world.migrate(version(1));
  world.startWriter("remark_code");
  expect(await expectWhole()).not.toContain("remark_code");
  await world.deploy(version(1));

  world.startWriter();
  world.startWriter("remark_code");
  await world.migrate(version(2));
  world.startWriter("remark_key");
  expect(await expectWhole()).toContain("remark_code");
  await expectSameUnderBothNames();
  expect(world.streamPid, "one stream process from the beginning on").toBe(stream);

  // Retired and dropped before the models of version 1 were replaced: the column that they name stays, and they answer.
  world.startWriter("remark_key");
  await world.migrate(version(4));
  expect(await expectWhole()).toContain("remark_code");
  world.startWriter("remark_key");
  await world.renewStream();
  await world.deploy(version(4));
  const columns = await expectWhole();
  expect(columns).toContain("remark_key");
  expect(columns).not.toContain("remark_code");
  // Nobody names it any more, so the next stream takes it away.
  await world.renewStream();
  await expect
    .poll(async () => JSON.stringify(await world.landing.query("DESCRIBE TABLE raw.meeting")), { timeout: 60_000 })
    .not.toContain("remark_code");
});

test("SCH21: new code first: the new stream runs, the new models wait for the migration, and nothing differs", async () => {
  for (const at of [1, 2, 3, 4]) {
    await world.renewStream();
    world.startWriter(["", "", "remark_code", "remark_key", "remark_key"][at] || undefined);
    const deployed = world.deploy(version(at)).then(() => "deployed");
    deployed.catch(() => undefined);
    // The first two need a column that no migration has made yet.
    if (at <= 2) {
      const early = new Promise((wake) => setTimeout(() => wake("waits"), 3_000));
      expect(await Promise.race([deployed, early])).toBe("waits");
    }
    await world.migrate(version(at));
    await deployed;
    const columns = await expectWhole();
    expect(columns.includes("remark_code")).toBe(at <= 2);
    expect(columns.includes("remark_key")).toBe(at >= 2);
    if (at === 2) await expectSameUnderBothNames();
  }
});
