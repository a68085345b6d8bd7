import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { freePort } from "@xianfeng/stack/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tell, until, World } from "./world.ts";

/** The stated cap: resident memory of the process, whatever happens on either side. */
const capMb = 400;

let world: World;
let child: ChildProcess;
let port: number;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
  port = await freePort();
  child = world.spawnStream({ STREAM_PORT: String(port) });
  await until("ready", async () => (await ready()).status === 200);
});
afterAll(() => world?.close());

const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => new Response(null, { status: 599 }));
const health = async () => (await (await ready()).json()) as Record<string, never>;
const peakMb = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;

test("G5, FA07: a transaction larger than the cap arrives whole under bounded memory", async ({ task }) => {
  const rows = Number(process.env.BIG_ROWS ?? 200_000);
  await world.run(`insert into item select g, repeat(md5(g::text), 10) from generate_series(1, ${rows}) g`);
  await world.expectEqual(300_000);
  tell(task, `peak ${Math.round(peakMb())} MB for ${rows} rows of 320 bytes`);
  expect(peakMb()).toBeLessThan(capMb);
}, 600_000);

test("G5, FA14: with ClickHouse away the reader pauses, memory stays bounded, health says so, and it catches up by itself", async ({
  task,
}) => {
  await world.stopEngine();
  const writing = (async () => {
    for (let round = 0; round < 40; round++) {
      await world.run(
        `insert into item select ${1_000_000 + round * 10_000} + g, repeat(md5(g::text), 10) from generate_series(1, 10000) g`,
      );
    }
  })();
  await until("paused", async () => ((await health()) as { paused?: boolean }).paused === true, 60_000);
  await writing;
  const during = await ready();
  expect(during.status).toBe(503);
  expect(JSON.stringify(await during.json())).toMatch(/"clickhouse":\{"state":"down","message":"ClickHouse: /);
  expect(peakMb()).toBeLessThan(capMb);
  await world.startEngine();
  await world.expectEqual(300_000);
  await until("ready", async () => (await ready()).status === 200);
  expect(peakMb()).toBeLessThan(capMb);
  tell(task, `peak ${Math.round(peakMb())} MB with 400,000 rows waiting`);
}, 600_000);
