import type { ChildProcess } from "node:child_process";
import { freePort } from "@xianfeng/stack/ports";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { slotLsn } from "./postgres.ts";
import { startHoldingProxy, startProxy } from "./proxy.ts";
import { killed, tell, until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
});
afterEach(() => world.stopStreams());
afterAll(() => world?.close());

type Health = { state?: string; ready?: boolean; message?: string; checkedLsn?: string };
type Member = { child: ChildProcess; health(): Promise<Health> };

async function member(env: Record<string, string> = {}): Promise<Member> {
  const port = await freePort();
  const child = world.spawnStream({ STREAM_PORT: String(port), XF_TEST: "1", ...env });
  const health = async () => {
    // A frozen process takes the connection and says nothing.
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(
      () => undefined,
    );
    return answer ? ((await answer.json()) as Health) : {};
  };
  return { child, health };
}

const isReady = (one: Member) => async () => (await one.health()).ready === true;
const standsBy = (one: Member) => async () => (await one.health()).state === "standby";
const activePids = async () =>
  (
    await world.sql.query<{ pid: number }>(
      "select active_pid as pid from pg_replication_slots where slot_name = 'xianfeng_cdc' and active",
    )
  ).rows;

/** Writes a row every few milliseconds until it is told to stop. */
function writer(from: number) {
  let on = true;
  let last = from;
  const done = (async () => {
    const client = new pg.Client({ connectionString: world.database.owner });
    await client.connect();
    while (on) {
      last += 1;
      await client.query("insert into item values ($1, 'x')", [last]);
      await client.query("update item set word = word || '.' where id = $1", [last - 3]);
      await new Promise((wake) => setTimeout(wake, 10));
    }
    await client.end();
  })();
  return {
    get last() {
      return last;
    },
    async stop() {
      on = false;
      await done;
    },
  };
}

const arrived = (id: number) => async () =>
  (await world.clickhouse.query(`SELECT 1 FROM raw.item WHERE id = ${id} LIMIT 1`)).length > 0;

test("G12, FA19: of two processes one reads and the other says that it stands by; when the reader is killed the other goes on without loss", async ({
  task,
}) => {
  const first = await member();
  await until("first leads", isReady(first), 40_000);
  const second = await member();
  await until("second stands by", standsBy(second), 40_000);
  expect(await second.health()).toMatchObject({
    ready: false,
    message: expect.stringContaining("another stream process"),
  });
  expect(await activePids()).toHaveLength(1);
  const writing = writer(1_000);
  await until("rows flow", arrived(1_010));
  const killedAt = Date.now();
  await killed(first.child);
  const next = writing.last + 1;
  await until("second leads", isReady(second), 30_000);
  await until("a row from after the kill is there", arrived(next), 30_000);
  tell(task, `a killed reader was replaced after ${Date.now() - killedAt} ms, first new row included`);
  await writing.stop();
  await world.expectEqual();
});

test("G12, FA20: a reader that froze between insert and confirm is replaced; on waking it writes nothing more, stands by, and the ends are equal", async ({
  task,
}) => {
  const proxy = await startProxy(() => world.engine.port);
  const first = await member({ CLICKHOUSE_HTTP_URL: proxy.url, XF_FAILPOINT: "inserted:20:freeze" });
  await until("first leads", isReady(first), 40_000);
  const second = await member();
  await until("second stands by", standsBy(second), 40_000);
  const writing = writer(5_000);
  await until("first is frozen", async () => (await first.health()).state === undefined, 30_000);
  const frozenAt = Date.now();
  const before = await slotLsn(world.sql);
  const next = writing.last + 1;
  await until("second leads", isReady(second), 30_000);
  await until("a row from after the freeze is there", arrived(next), 30_000);
  tell(task, `a frozen reader was replaced after ${Date.now() - frozenAt} ms, first new row included`);
  await until("the slot moves on", async () => (await slotLsn(world.sql)) > before);
  const told = proxy.inserts.length;
  first.child.kill("SIGCONT");
  await until("first has noticed", standsBy(first), 30_000);
  expect(proxy.inserts.slice(told)).toEqual([]);
  expect((await second.health()).ready).toBe(true);
  expect(await activePids()).toHaveLength(1);
  let confirmed = await slotLsn(world.sql);
  for (let look = 0; look < 20; look++) {
    const now = await slotLsn(world.sql);
    expect(now).toBeGreaterThanOrEqual(confirmed);
    confirmed = now;
  }
  await writing.stop();
  await world.expectEqual();
  // And back again: the one that froze is a full stand-by.
  await killed(second.child);
  await until("first leads again", isReady(first), 30_000);
  await world.run("insert into item values (1, 'after both')");
  await world.expectEqual();
  await world.stopStreams();
  await proxy.close();
});

test("G12: a lock that was taken away stops the reader, and it comes back when the lock is free", async () => {
  const only = await member();
  await until("leads", isReady(only), 40_000);
  const admin = new pg.Client({ connectionString: world.database.admin });
  await admin.connect();
  const { rows } = await admin.query<{ pid: number }>(
    "select pid from pg_locks where locktype = 'advisory' and granted and objid = 7305001 and database = (select oid from pg_database where datname = current_database())",
  );
  expect(rows).toHaveLength(1);
  // Waiting in the queue, it gets the lock before anybody who only tries.
  const waiting = admin.query("select pg_advisory_lock(7305001)");
  await until(
    "waits",
    async () =>
      (await world.sql.query("select 1 from pg_locks where locktype = 'advisory' and not granted")).rowCount === 1,
  );
  const other = new pg.Client({ connectionString: world.database.admin });
  await other.connect();
  await other.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
  await other.end();
  await waiting;
  await until("stands by", standsBy(only));
  expect(await activePids()).toEqual([]);
  await world.run("insert into item values (2, 'while nobody reads')");
  await admin.end();
  await until("leads again", isReady(only));
  await world.expectEqual();
});

test("G12, FA20: an insert that a frozen reader had begun and that arrives after its successor has copied the table brings no deleted row back", async () => {
  let isArmed = false;
  const { proxy, held, release } = await startHoldingProxy(
    () => world.engine.port,
    (insert) => isArmed && /INSERT INTO raw\.`item`/.test(insert),
  );
  const first = await member({ CLICKHOUSE_HTTP_URL: proxy.url });
  await until("first leads", isReady(first), 40_000);
  const second = await member();
  await until("second stands by", standsBy(second), 40_000);
  isArmed = true;
  await world.run("insert into item select g, 'soon gone' from generate_series(900001, 900060) g");
  await until("the insert is on its way", () => held.isHeld);
  first.child.kill("SIGSTOP");
  await until("second leads", isReady(second), 30_000);
  await until("it has landed the rows itself", arrived(900_060), 30_000);
  await world.run("delete from item where id > 900000");
  await world.expectEqual();
  // A reason to copy the table: what was deleted before has no tombstone in the copy.
  await world.run("alter table item add column points int not null default 5");
  await until("the table is another one", async () => !(await arrived(900_060)()), 30_000);
  await until("second is ready", isReady(second), 30_000);
  release();
  await until("the engine has answered it", () => proxy.lateAnswers === 1);
  await world.expectEqual();
  expect(await world.rows("item")).not.toContainEqual(expect.objectContaining({ word: "soon gone" }));
  first.child.kill("SIGCONT");
  await until("first has noticed", standsBy(first), 30_000);
  await world.expectEqual();
  await world.stopStreams();
  await proxy.close();
});
