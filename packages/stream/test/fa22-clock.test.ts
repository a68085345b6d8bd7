import { freePort } from "@xianfeng/stack/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killed, until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
});
afterAll(() => world?.close());

/** A preload that moves every clock of the process but the monotonic one. */
const shifted = (hours: number) =>
  `--import data:text/javascript,${encodeURIComponent(
    `const d=Date,by=${hours}*3600000;globalThis.Date=class extends d{constructor(...a){a.length?super(...a):super(d.now()+by)}static now(){return d.now()+by}};`,
  )}`;

test("FA22: a clock that jumps by an hour, forwards and back, changes no order, loses no row, and shows no negative lag", async () => {
  const seen: bigint[] = [];
  let id = 0;
  for (const hours of [0, 1, -1, 0]) {
    const port = await freePort();
    const child = world.spawnStream({ STREAM_PORT: String(port), NODE_OPTIONS: shifted(hours) });
    const health = async () =>
      (await (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => Response.json({}))).json()) as {
        ready?: boolean;
        lagSeconds?: number;
        lagBytes?: number;
        checkedAt?: string;
        asOf?: string;
      };
    await until("ready", async () => (await health()).ready === true, 40_000);
    for (let round = 0; round < 5; round++) {
      id += 1;
      await world.run(
        `insert into item values (${id}, 'by ${hours}')`,
        "update item set word = word || '.' where id = 1",
        `delete from item where id = ${id - 4}`,
      );
      const now = await health();
      expect(now.lagSeconds ?? 0).toBeGreaterThanOrEqual(0);
      expect(now.lagBytes ?? 0).toBeGreaterThanOrEqual(0);
    }
    await world.expectEqual();
    const now = await health();
    // The process's own clock is wrong, that of the data is PostgreSQL's.
    const offset = (Date.parse(now.checkedAt ?? "") - Date.now()) / 3_600_000;
    expect(Math.round(offset) + 0).toBe(hours);
    expect(Math.abs(Date.parse(now.asOf ?? "") - Date.now())).toBeLessThan(600_000);
    const [row] = await world.clickhouse.query<{ version: string; lsn: string }>(
      "SELECT toString(_version) AS version, toString(checked_lsn) AS lsn FROM raw._applied FINAL",
    );
    seen.push(BigInt(row?.version ?? 0));
    await killed(child);
  }
  for (const [index, version] of seen.entries()) if (index > 0) expect(version).toBeGreaterThan(seen[index - 1] ?? 0n);
});
