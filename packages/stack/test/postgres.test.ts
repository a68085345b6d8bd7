import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../src/ports.ts";
import { embeddedPostgres, removeElsewhere } from "../src/postgres.ts";
import { accounts, withLinks } from "../src/postgres-place.ts";
import { childrenOf, isAlive, markOf, until } from "../src/processes.ts";
import { checkServer, ensureRoles, urlAs } from "../src/roles.ts";
import { temporaryFolder } from "./temporary.ts";

async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const isRoot = process.getuid?.() === 0;
const asTest = { password: "a-test-password", settings: { shared_buffers: "32MB", fsync: "off" } };

test("data survive a stop, a SIGKILL of the whole server, and a lock file that names a stranger", async () => {
  const dataDir = join(temporaryFolder(), "pg");
  const first = await embeddedPostgres({ ...asTest, dataDir });
  await ask(first.url, "create table fact (n int); insert into fact values (1)");
  await first.stop();
  expect(existsSync(join(first.dataDir, "postmaster.pid"))).toBe(false);

  const second = await embeddedPostgres({ ...asTest, dataDir });
  await ask(second.url, "insert into fact values (2)");
  const workers = childrenOf(second.pid).flatMap((pid) => markOf(pid) ?? []);
  expect(workers.length).toBeGreaterThan(3);
  await second.kill();
  expect(workers.some(isAlive)).toBe(false);

  const stranger = spawn("/bin/sleep", ["60"]);
  onTestFinished(() => void stranger.kill());
  const lock = join(second.dataDir, "postmaster.pid");
  writeFileSync(lock, readFileSync(lock, "utf8").replace(/^\d+/, String(stranger.pid)));
  const third = await embeddedPostgres({ ...asTest, dataDir });
  expect(await ask(third.url, "select n from fact order by n")).toEqual([{ n: 1 }, { n: 2 }]);
  expect(stranger.exitCode).toBeNull();
  await third.stop();
});

test("a server left running by a killed owner is ended by the next start", async () => {
  const dataDir = join(temporaryFolder(), "pg");
  const left = await embeddedPostgres({ ...asTest, dataDir });
  const mark = markOf(left.pid);
  const next = await embeddedPostgres({ ...asTest, dataDir });
  expect(mark && isAlive(mark)).toBe(false);
  await next.stop();
});

test("a server ends with its owner, whatever ends the owner", async () => {
  const folder = temporaryFolder();
  const script = `
    import { embeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, "../src/postgres.ts"))};
    const { pid } = await embeddedPostgres({ dataDir: ${JSON.stringify(join(folder, "pg"))} });
    process.stdout.write(String(pid));
    setInterval(() => {}, 1000);
  `;
  const owner = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise<number>((resolve) =>
    owner.stdout.once("data", (text) => resolve(Number(String(text)))),
  );
  const mark = markOf(pid);
  expect(mark && isAlive(mark)).toBe(true);
  owner.kill("SIGKILL");
  expect(await until(() => mark !== undefined && !isAlive(mark), 15_000)).toBe(true);
});

test("a wrong password is told as that, with what to do", async () => {
  const dataDir = join(temporaryFolder(), "pg");
  const first = await embeddedPostgres({ ...asTest, dataDir });
  await first.stop();
  await expect(embeddedPostgres({ ...asTest, dataDir, password: "another" })).rejects.toThrow(/secrets\.json/);
});

test("settings that the platform relies on", async () => {
  const server = await embeddedPostgres({ ...asTest, dataDir: join(temporaryFolder(), "pg") });
  const names = [
    "wal_level",
    "max_slot_wal_keep_size",
    "log_error_verbosity",
    "log_min_error_statement",
    "TimeZone",
    "password_encryption",
  ];
  const rows = await ask<{ name: string; setting: string }>(
    server.url,
    `select name, current_setting(name) as setting from unnest(array['${names.join("','")}']) as name`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    wal_level: "logical",
    max_slot_wal_keep_size: "2GB",
    log_error_verbosity: "terse",
    log_min_error_statement: "panic",
    TimeZone: "UTC",
    password_encryption: "scram-sha-256",
  });
  expect(await ask(server.url, "select upper('ä') as u, length('先锋') as n")).toEqual([{ u: "Ä", n: 2 }]);
  await server.stop();
});

test("owner, database and roles are made once, and repeat without harm; passwords follow", async () => {
  const server = await embeddedPostgres({ ...asTest, dataDir: join(temporaryFolder(), "pg") });
  await checkServer(server.url);
  const passwords = { owner: "owner-1", app: "app-1", stream: "stream-1", report: "report-1" };
  await ensureRoles(server.url, passwords);
  await ensureRoles(server.url, { ...passwords, app: "app-2'\"; drop role xf_stream" });
  const app = urlAs(server.url, "xf_app", "app-2'\"; drop role xf_stream", "xianfeng");
  expect(await ask(app, "select current_user as who")).toEqual([{ who: "xf_app" }]);
  await expect(ask(urlAs(server.url, "xf_app", "app-1", "xianfeng"), "select 1")).rejects.toMatchObject({
    code: "28P01",
  });

  // The owner on a managed server is no superuser, and makes the roles itself.
  await ask(server.url, "drop role xf_app; drop role xf_stream; drop role xf_report");
  const owner = urlAs(server.url, "xf_owner", "owner-1", "xianfeng");
  const own = { app: "app-3", stream: "stream-3", report: "report-3" };
  await ensureRoles(owner, own);
  await ensureRoles(owner, { ...own, stream: "stream-4" });
  expect(await ask(urlAs(owner, "xf_stream", "stream-4"), "select 1 as one")).toEqual([{ one: 1 }]);

  await ask(server.url, "create role weak login password 'weak'");
  await expect(ensureRoles(urlAs(server.url, "weak", "weak"), { app: "x", stream: "x", report: "x" })).rejects.toThrow(
    /CREATEROLE/,
  );
  await server.stop();
});

test("a server that cannot carry the platform is refused with what to change", async () => {
  const server = await embeddedPostgres({
    ...asTest,
    dataDir: join(temporaryFolder(), "pg"),
    settings: { ...asTest.settings, wal_level: "replica" },
  });
  await expect(checkServer(server.url)).rejects.toThrow(/wal_level.*logical/);
  await server.stop();
});

test("links between libraries are made where no install script ran, and only once", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "native/lib"), { recursive: true });
  writeFileSync(join(folder, "native/lib/libpq.so.5.18"), "library");
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
  writeFileSync(join(folder, "native/pg-symlinks.json"), JSON.stringify(links));
  for (let times = 0; times < 2; times++) withLinks(join(folder, "native"));
  expect(readFileSync(join(folder, "native/lib/libpq.so.5"), "utf8")).toBe("library");
});

describe.runIf(isRoot)("as root", () => {
  test("the server runs as another account, and its folder belongs to that account", async () => {
    const server = await embeddedPostgres({ ...asTest, dataDir: join(temporaryFolder(), "pg") });
    const { uid } = statSync(server.dataDir);
    expect(uid).not.toBe(0);
    expect(accounts().some((account) => account.uid === uid)).toBe(true);
    expect(statSync(server.dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(`/proc/${server.pid}`).uid).toBe(uid);
    await server.stop();
  });

  test("data under a closed home lie elsewhere, are found again, and go away with a reset", async () => {
    const closed = join(temporaryFolder(), "home");
    mkdirSync(closed, { mode: 0o700 });
    chmodSync(closed, 0o700);
    const dataDir = join(closed, "pg");
    onTestFinished(() => removeElsewhere(dataDir));
    const first = await embeddedPostgres({ ...asTest, dataDir });
    expect(first.dataDir.startsWith(closed)).toBe(false);
    await ask(first.url, "create table fact (n int)");
    await first.stop();
    const second = await embeddedPostgres({ ...asTest, dataDir });
    expect(second.dataDir).toBe(first.dataDir);
    expect(await ask(second.url, "select count(*)::int as n from fact")).toEqual([{ n: 0 }]);
    await second.stop();
    removeElsewhere(dataDir);
    expect(existsSync(first.dataDir)).toBe(false);
  });

  test("the same as a normal user", async () => {
    const nobody = accounts().find((account) => account.name === "nobody");
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    const script = `
      import { embeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, "../src/postgres.ts"))};
      const server = await embeddedPostgres({ dataDir: ${JSON.stringify(join(folder, "pg"))}, port: ${await freePort()} });
      process.stdout.write(process.getuid() + " " + server.dataDir);
      await server.stop();
    `;
    const { uid = 65534, gid = 65534 } = nobody ?? {};
    const result = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
      uid,
      gid,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe(`${uid} ${join(folder, "pg")}`);
  });
});
