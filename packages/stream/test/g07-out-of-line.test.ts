import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stream } from "../src/index.ts";
import { until, World } from "./world.ts";

let world: World;
let stream: Stream;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "letter", columns: "id int primary key, body text, seen bool not null default false" });
});
afterAll(() => world?.close());

test("G7: a row of 7 kB arrives whole, also when another column changes; a longer one is refused by PostgreSQL", async () => {
  stream = world.startStream();
  await until("streaming", () => stream.status.state === "streaming");
  await world.run(
    "insert into letter select g, string_agg(md5(random()::text), '') from generate_series(1, 3) g, generate_series(1, 218) group by g",
    "update letter set seen = true",
  );
  await world.expectEqual();
  const rows = await world.rows<{ body: string }>("letter");
  expect(rows.map((row) => row.body.length)).toEqual([6976, 6976, 6976]);
  await expect(world.run("insert into letter values (9, repeat('长', 4000))")).rejects.toThrow(/row is too big/);
  await world.stopStreams();
});

test("G7: a table that could store values out of line is refused with the ALTER that mends it", async () => {
  await world.run(
    "create table loose (id int primary key, body text)",
    "grant select on loose to xf_stream",
    "alter publication xianfeng_cdc add table loose",
  );
  stream = world.startStream();
  await until("stopped", () => stream.status.state === "stopped");
  expect(stream.status.reason).toBe("out_of_line");
  expect(stream.status.isReady).toBe(false);
  const mend = /Mend: (ALTER TABLE "loose" ALTER COLUMN "body" SET STORAGE PLAIN;)/.exec(
    stream.status.message ?? "",
  )?.[1];
  await world.run(mend ?? "", "insert into loose values (1, 'mended')");
  await until("streaming again by itself", () => stream.status.state === "streaming");
  await world.expectEqual();
});

test("G7: a value that is out of line already stops the stream instead of leaving a hole", async () => {
  await world.run(
    "create table old (id int primary key, body text, seen bool)",
    "alter table old alter column body set storage external",
    "insert into old values (1, repeat('x', 20000), false)",
    "alter table old alter column body set storage plain",
    "grant select on old to xf_stream",
    "alter publication xianfeng_cdc add table old",
    "update old set seen = true",
  );
  await until("stopped", () => stream.status.reason === "out_of_line");
  expect(stream.status.message).toContain("old still holds values out of line");
});
