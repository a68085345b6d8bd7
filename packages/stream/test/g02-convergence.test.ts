import { afterAll, beforeAll, expect, test } from "vitest";
import { random, until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "person", columns: "id uuid primary key default uuidv7(), birth_year int, sex text" },
    {
      name: "attendance",
      columns: "meeting_id int, person_id int, state text not null, note jsonb, primary key (meeting_id, person_id)",
    },
  );
});
afterAll(() => world?.close());

test("G2: a random workload ends equal, deletes included", async () => {
  const { seed, next } = random();
  console.log(`seed ${seed}`);
  await world.run("insert into person (birth_year, sex) select 1950 + g % 50, 'male' from generate_series(1, 500) g");
  const stream = world.startStream();
  await until("streaming", () => stream.status.state === "streaming");
  for (let round = 0; round < 300; round++) {
    const [meeting, person] = [next(20), next(20)];
    const many = next(3) === 0;
    if (many) await world.run("begin");
    for (let step = 0; step < (many ? 5 : 1); step++) {
      const kind = next(5);
      if (kind <= 1) {
        await world.run(
          `insert into attendance values (${meeting}, ${(person + step) % 20}, 'pending', '{"n": ${round}}') on conflict (meeting_id, person_id) do update set state = 'late', note = excluded.note`,
        );
      } else if (kind === 2) await world.run(`update attendance set state = 'on_time' where meeting_id = ${meeting}`);
      else if (kind === 3)
        await world.run(`delete from attendance where meeting_id = ${meeting} and person_id > ${person}`);
      else await world.run(`update person set birth_year = ${1900 + next(100)} where birth_year = ${1950 + next(50)}`);
    }
    if (many) await world.run(next(4) === 0 ? "rollback" : "commit");
  }
  await world.expectEqual();
  expect((await world.rows("person")).length).toBe(500);
  expect(stream.status.refused).toBe(0);
});

test("reconcile sees a row that was lost, one that was changed and one too many", async () => {
  await world.stopStreams();
  const stream = world.startStream();
  await until("caught up", () => stream.status.caughtUp);
  await world.clickhouse.command(
    `INSERT INTO raw.attendance (meeting_id, person_id, state, _version, _deleted)
     SELECT meeting_id, person_id, if(rn = 1, 'wrong', state), _version + 1, rn = 2
     FROM (SELECT *, row_number() OVER (ORDER BY meeting_id, person_id) AS rn FROM raw.attendance FINAL WHERE _deleted = 0) WHERE rn <= 2`,
  );
  await world.clickhouse.command(
    "INSERT INTO raw.attendance (meeting_id, person_id, state, _version) SELECT 99, 99, 'x', max(_version) FROM raw.attendance",
  );
  const { reconcile } = await import("../src/index.ts");
  const result = await reconcile(world.place);
  const table = result.tables.find((row) => row.table === "attendance");
  expect(result.equal).toBe(false);
  expect(table?.differences).toBe(3);
  expect(table?.examples.map((example) => example.where).sort()).toEqual(["both", "clickhouse", "postgres"]);
});
