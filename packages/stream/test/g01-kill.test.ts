import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { FailPoint } from "../src/failpoint.ts";
import { slotLsn } from "./postgres.ts";
import { random, until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "item", columns: "id int primary key, word text" },
    { name: "other", columns: "id int primary key, n int" },
  );
  await world.run("insert into item select g, 'first' from generate_series(1, 2000) g");
});
beforeEach(() => world.stopStreams());
afterAll(() => world?.close());

/** Writes that change, add and delete rows in transactions of several sizes; paced, so that the test's size does not follow the machine. */
async function write(round: number): Promise<void> {
  await new Promise((wake) => setTimeout(wake, 25));
  await world.run(
    "begin",
    `insert into item select ${10_000 + round * 1_000} + g, 'new' from generate_series(1, 300) g`,
    `update item set word = 'round ${round}' where id % 7 = ${round % 7}`,
    "commit",
    `delete from item where id % 97 = ${round % 97}`,
    `insert into other values (${round}, ${round}) on conflict (id) do update set n = other.n + 1`,
  );
}

const died = (child: ReturnType<World["spawnStream"]>) =>
  new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));

test("G4: killed in the middle of the first copy, it begins again and ends equal", async () => {
  const child = world.spawnStream({ XF_TEST: "1", XF_FAILPOINT: "snapshot" });
  const end = died(child);
  await write(1);
  expect(await end).toBe("SIGKILL");
  await write(2);
  world.startStream();
  await world.expectEqual();
});

const points: FailPoint[] = ["decoded", "batched", "inserted", "before_confirm"];
for (const [index, point] of points.entries()) {
  for (const nth of [1, 3]) {
    test(`G1: SIGKILL at "${point}", time ${nth}: nothing is lost, nothing is too much`, async () => {
      const child = world.spawnStream({ XF_TEST: "1", XF_FAILPOINT: `${point}:${nth}` });
      const end = died(child);
      let writing = true;
      const writer = (async () => {
        for (let round = 0; writing && round < 200; round++) {
          await write(100 + index * 1_000 + nth * 300 + round);
        }
      })();
      expect(await end).toBe("SIGKILL");
      writing = false;
      await writer;
      // No row may be confirmed and absent: ClickHouse has at least what the slot has forgotten.
      const [row] = await world.clickhouse.query<{ lsn: string }>(
        "SELECT toString(checked_lsn) AS lsn FROM raw._applied FINAL",
      );
      expect(await slotLsn(world.sql)).toBeLessThanOrEqual(BigInt(row?.lsn ?? 0));
      world.startStream();
      await world.expectEqual();
    });
  }
}

test("G1: kills at random moments under load", async () => {
  const { seed, next } = random();
  console.log(`seed ${seed}`);
  let writing = true;
  let round = 5_000;
  const writer = (async () => {
    while (writing) await write(round++ % 60_000);
  })();
  for (let kill = 0; kill < Number(process.env.KILLS ?? 5); kill++) {
    const child = world.spawnStream();
    const end = died(child);
    await new Promise((wake) => setTimeout(wake, 300 + next(900)));
    child.kill("SIGKILL");
    await end;
  }
  writing = false;
  await writer;
  const stream = world.startStream();
  await until("streaming", () => stream.status.state === "streaming");
  await world.expectEqual();
});
