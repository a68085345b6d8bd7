import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stream } from "../src/index.ts";
import { until, World } from "./world.ts";

let world: World;
let stream: Stream;
beforeAll(async () => {
  world = await World.open();
  await world.publish({
    name: "entry",
    columns: "id int primary key, day date, points int, score numeric(8,2), at timestamptz(3)",
  });
});
afterAll(() => world?.close());

const letters = () =>
  world.clickhouse.query<{ table: string; error: string; payload: string; code: number }>(
    "SELECT `table`, error, payload, code FROM raw._dead_letter FINAL ORDER BY commit_lsn, ordinal",
  );

test("G11: one bad row in 10,000 of a first copy is set aside, the others land", async () => {
  await world.run(
    "insert into entry (id, day) select g, case when g = 4711 then '1600-01-01'::date else '2026-01-01' end from generate_series(1, 10000) g",
  );
  stream = world.startStream();
  await until("streaming", () => stream.status.state === "streaming");
  await until("landed", async () => (await world.rows("entry")).length === 9_999);
  expect(stream.status.refused).toBe(1);
  expect((await letters())[0]).toMatchObject({ table: "entry" });
  expect((await letters())[0]?.payload).toContain("4711");
});

test("G11: values that ClickHouse would change in silence are set aside by the log, too", async () => {
  await world.run(
    "insert into entry (id, day) select g, case when g = 14711 then 'infinity'::date else '2026-01-01' end from generate_series(10001, 20000) g",
    "insert into entry (id, score) values (30001, 'NaN')",
    "insert into entry (id, at) values (30002, '0044-03-15 12:00:00+00 BC')",
    "insert into entry (id, at) values (30003, '2026-03-15 12:00:00+00')",
  );
  await until("landed", async () => (await world.rows("entry")).length === 9_999 + 9_999 + 1);
  // Rows are set aside after the others of their batch have landed.
  await until("counted", () => stream.status.refused >= 4);
  expect(stream.status.refused).toBe(4);
  expect(stream.status.toJson()).toMatchObject({ rowsSetAside: 4 });
  expect(stream.status.state).toBe("streaming");
});

test("G11: a row that only ClickHouse refuses is found among the others", async () => {
  await world.clickhouse.command("ALTER TABLE raw.entry ADD CONSTRAINT small CHECK points IS NULL OR points < 100");
  await world.run(
    "insert into entry (id, points) select g, case when g = 44444 then 100 else 1 end from generate_series(40001, 50000) g",
  );
  await until("landed", async () => (await world.rows("entry")).length === 9_999 + 9_999 + 1 + 9_999);
  await until("counted", () => stream.status.refused === 5);
  const letter = (await letters()).find((row) => row.payload.startsWith("44444\t"));
  expect(letter?.code).toBe(469);
});
