import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killed, random, until, World } from "../test/world.ts";

const rounds = Number(process.env.KILLS ?? 100);

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "item", columns: "id int primary key, word text" },
    { name: "other", columns: "id int primary key, n int not null, day date" },
  );
});
afterAll(() => world?.close());

/** Random inserts, updates, deletes and truncations in transactions, some rolled back, until it is told to stop. */
async function workload(next: (below: number) => number, stop: { now: boolean }): Promise<void> {
  const client = new pg.Client({ connectionString: world.database.owner });
  await client.connect();
  while (!stop.now) {
    await client.query("begin");
    for (let step = next(6); step >= 0; step--) {
      const [a, b] = [next(3_000), next(3_000)];
      const kind = next(20);
      if (kind < 8)
        await client.query(
          "insert into item select g, 'new' from generate_series($1::int, $1::int + $2::int) g on conflict (id) do update set word = item.word || '.' ",
          [a, b % 200],
        );
      else if (kind < 12) await client.query("update item set word = 'at ' || $1 where id % 50 = $2", [a, b % 50]);
      else if (kind < 16) await client.query("delete from item where id between $1 and $1 + 100", [a]);
      else if (kind < 19)
        await client.query(
          "insert into other values ($1, $2, '2026-01-01') on conflict (id) do update set n = excluded.n",
          [a, b],
        );
      else await client.query("truncate other");
    }
    await client.query(next(6) === 0 ? "rollback" : "commit");
  }
  await client.end();
}

test(`G1, FA01: ${rounds} kills of the stream, every tenth with a kill of the engine: no difference`, async () => {
  const { seed, next } = random();
  console.log(`seed ${seed}`);
  const stop = { now: false };
  const working = workload(next, stop);
  for (let round = 0; round < rounds; round++) {
    const child = world.spawnStream();
    await new Promise((wake) => setTimeout(wake, 200 + next(1_500)));
    if (round % 10 === 9) {
      await world.stopEngine("SIGKILL");
      await new Promise((wake) => setTimeout(wake, next(1_000)));
      await world.startEngine();
    }
    await killed(child);
    if (round % 20 === 19) {
      const stream = world.startStream();
      await until("first rows after a kill", () => stream.status.caughtUp || stream.status.rows > 0, 15_000);
      await world.stopStreams();
    }
  }
  stop.now = true;
  await working;
  world.startStream();
  // Hundreds of thousands of changes wait: hardly one of the processes has lived longer than its start.
  await world.expectEqual(600_000);
  const letters = await world.clickhouse.query("SELECT * FROM raw._dead_letter");
  expect(letters).toEqual([]);
});
