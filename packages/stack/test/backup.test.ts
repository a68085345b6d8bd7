import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Archive } from "../src/backup-archive.ts";
import { backupDatabase } from "../src/backup-database.ts";
import { keepInLedger, type Receipt, readLedger, receiptsIn, together } from "../src/receipts.ts";
import { restoreDatabase } from "../src/restore-database.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing.ts";
import { demoDatabase, fingerprint, keys, killAt, passphrase, run, silent, sql } from "./backup-world.ts";

const folder = mkdtempSync(join(tmpdir(), "xianfeng-backup-"));
chmodSync(folder, 0o755);
let source: TestDatabase;
let archived: Record<string, string>;
const file = join(folder, "demo.backup");
/** What stands in the place that is restored to: one row nobody may lose by accident. */
let target: TestDatabase;

const take = (url: string, to: string) => backupDatabase({ url, file: to, keys, passphrase, say: silent });
const put = async (from: string, replace = false) =>
  restoreDatabase({ url: target.owner, archive: await Archive.open(from), replace, say: silent });

beforeAll(async () => {
  source = await demoDatabase(folder);
  await sql(
    source.owner,
    "insert into auth_session (id, expires_at, token, user_id) select 's', now() + interval '1 day', 't', id from auth_user limit 1",
  );
  await take(source.owner, file);
  await sql(source.owner, "delete from auth_session");
  archived = await fingerprint(source.owner);
}, 240_000);

beforeEach(async () => {
  target = await createTestDatabase();
  return async () => {
    await sql(
      source.admin,
      ...["_restoring", "_replaced"].map((end) => `drop database if exists ${target.name}${end} with (force)`),
    );
    await target.drop();
  };
});

afterAll(async () => {
  await source?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Present data that a refused restore must leave alone. */
const holdSomething = () => sql(target.owner, "create table tenant (id int)", "insert into tenant values (7)");
const present = () => sql<{ id: number }>(target.owner, "select id from tenant");
const leftovers = () =>
  sql<{ name: string }>(
    source.admin,
    `select datname as name from pg_database where datname in ('${target.name}_restoring', '${target.name}_replaced') order by 1`,
  );

test("a restored database equals the one that was backed up, table by table, and nobody is signed in", async () => {
  const tables = Object.values(archived).filter((found) => /^[1-9]/.test(found));
  expect(tables.length).toBeGreaterThan(20);
  expect(await put(file)).toEqual({ before: undefined });
  expect(await fingerprint(target.owner)).toEqual(archived);
  expect(await sql(target.owner, "select count(*)::int as n from auth_session")).toEqual([{ n: 0 }]);
  expect(await leftovers()).toEqual([]);
});

test("the archive is readable by its owner only and holds no key in the clear", async () => {
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { manifest } = await Archive.open(file);
  expect(manifest.keys).not.toBeNull();
  const bytes = readFileSync(file);
  for (const key of Object.values(keys)) expect(bytes.includes(key)).toBe(false);
  expect(existsSync(`${file}.part`)).toBe(false);
});

test("a backup taken while others write holds whole transactions only", async () => {
  const writer = new Client({ connectionString: source.owner });
  await writer.connect();
  let writing = true;
  let written = 0;
  const work = (async () => {
    while (writing) {
      written += 1;
      // The first and the last table of the archive in one transaction.
      await writer.query(
        `begin; insert into call_count (what, who, since) values ('backup-test', '${written}', now());
         insert into tenant (id, code) values (${1_000 + written}, 'backup-${written}'); commit`,
      );
    }
  })();
  const during = join(folder, "during.backup");
  await take(source.owner, during);
  writing = false;
  await work;
  await writer.end();
  await put(during);
  const [pair] = await sql<{ one: number; other: number }>(
    target.owner,
    `select (select count(*)::int from call_count where what = 'backup-test') as one,
            (select count(*)::int from tenant where code like 'backup-%') as other`,
  );
  await sql(
    source.owner,
    "delete from call_count where what = 'backup-test'",
    "delete from tenant where code like 'backup-%'",
  );
  expect(pair?.one).toBe(pair?.other);
  expect(written).toBeGreaterThan(pair?.one ?? 0);
});

test("an archive that was cut off anywhere is refused and the present data stay", async () => {
  await holdSomething();
  const whole = readFileSync(file);
  for (const length of [0, 10, Math.floor(whole.length / 2), whole.length - 1]) {
    const cut = join(folder, "cut.backup");
    writeFileSync(cut, whole);
    truncateSync(cut, length);
    await expect(put(cut, true), `cut to ${length}`).rejects.toThrow(/cut off or damaged/);
  }
  expect(await present()).toEqual([{ id: 7 }]);
  expect(await leftovers()).toEqual([]);
});

test("an archive in which one byte was changed is refused and the present data stay", async () => {
  await holdSomething();
  const { manifest } = await Archive.open(file);
  const person = manifest.tables.find(({ table }) => table === "person");
  const changed = readFileSync(file);
  for (const at of [3, (person?.at ?? 0) + Math.floor((person?.length ?? 0) / 2), changed.length - 100]) {
    const bytes = Buffer.from(changed);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const bad = join(folder, "changed.backup");
    writeFileSync(bad, bytes);
    await expect(put(bad, true), `byte ${at}`).rejects.toThrow(/cut off or damaged/);
  }
  expect(await present()).toEqual([{ id: 7 }]);
  expect(await leftovers()).toEqual([]);
});

test("data in the place are replaced only when that was said, and are kept under another name", async () => {
  await holdSomething();
  await expect(put(file)).rejects.toThrow(/--yes/);
  expect(await present()).toEqual([{ id: 7 }]);
  expect(await put(file, true)).toEqual({ before: `${target.name}_replaced` });
  expect(await fingerprint(target.owner)).toEqual(archived);
  const kept = new URL(target.owner);
  kept.pathname = `/${target.name}_replaced`;
  expect(await sql(kept.href, "select id from tenant")).toEqual([{ id: 7 }]);
  expect(await put(file, true)).toEqual({ before: `${target.name}_replaced` });
  expect(await fingerprint(kept.href)).toEqual(archived);
});

test("a database that others are connected to is not replaced", async () => {
  await holdSomething();
  const other = new Client({ connectionString: target.owner });
  await other.connect();
  await expect(put(file, true)).rejects.toThrow(/others are connected/);
  await other.end();
  expect(await present()).toEqual([{ id: 7 }]);
  expect(await leftovers()).toEqual([]);
});

test("data that break a foreign key are refused when they are loaded", async () => {
  const broken = await createTestDatabase({ template: source.name });
  await sql(
    broken.admin,
    "set session_replication_role = replica",
    "delete from auth_user where id = (select user_id from auth_account limit 1)",
  );
  const bad = join(folder, "orphans.backup");
  await take(broken.owner, bad);
  await broken.drop();
  await holdSomething();
  await expect(put(bad, true)).rejects.toThrow(/foreign key/);
  expect(await present()).toEqual([{ id: 7 }]);
});

test("ERA20: a backup from before an erasure does not bring the person back, wherever the receipt is kept", async () => {
  const [person] = await sql<{ id: string; name: string }>(
    source.owner,
    "select person_id::text as id, name from person_private where tenant_id = 1 order by person_id limit 1",
  );
  const { id = "", name = "" } = person ?? {};
  const [receipt] = await sql<Receipt>(
    source.owner,
    `insert into erasure (tenant_id, person_id, org_id, state, reason, requested_by, decided_by, decided_at)
     select 1, '${id}', id, 'carried_out', 'consent_withdrawn', gen_random_uuid(), gen_random_uuid(), now() from party_org where tenant_id = 1 limit 1
     returning id::text, tenant_id as "tenantId", person_id::text as "personId", org_id as "orgId", reason,
       requested_by::text as "requestedBy", decided_by::text as "decidedBy", to_json(decided_at)#>>'{}' as "decidedAt"`,
  );
  const receipts = await receiptsIn(source.owner);
  await sql(source.owner, "delete from erasure");
  expect(receipts).toMatchObject([{ id: receipt?.id, personId: id }]);
  const state = mkdtempSync(join(tmpdir(), "xianfeng-ledger-"));
  keepInLedger(state, receipts);
  keepInLedger(state, receipts);
  const erased = { receipts: together(readLedger(state), receipts), dataKey: keys.DATA_KEY };
  expect(erased.receipts).toEqual(receipts);
  rmSync(state, { recursive: true });
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  await restoreDatabase({ url: target.owner, archive: await Archive.open(file), replace: false, say, erased });
  expect(said.join()).toContain("1 位同志");
  const [left] = await sql<Record<"rows" | "named" | "others", number>>(
    target.owner,
    `select (select count(*)::int from person_private where person_id = '${id}') as rows,
       (select count(*)::int from principal where person_id = '${id}' and display_name <> '已删除') as named,
       (select count(*)::int from person_private) as others`,
  );
  expect(left).toMatchObject({ rows: 0, named: 0 });
  expect(left?.others).toBeGreaterThan(100);
  // The receipt is in the database again, so the next restore knows it from there.
  expect(await receiptsIn(target.owner)).toMatchObject([{ id: receipt?.id, personId: id }]);
  expect(name).not.toBe("");
});

test("an archive of a newer schema is refused", async () => {
  const newer = await createTestDatabase({ template: source.name });
  await sql(
    newer.owner,
    "insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('n', 'c', '29990101000000_later', now())",
  );
  const late = join(folder, "newer.backup");
  await take(newer.owner, late);
  await newer.drop();
  await expect(put(late)).rejects.toThrow(/29990101000000_later/);
  expect(await leftovers()).toEqual([]);
});

test("migrations that came after the archive are applied to its data", async () => {
  const older = await createTestDatabase();
  const names = (await Archive.open(file)).manifest.migrations.map(({ name }) => name);
  const first = names.filter((name) => name < "20261122160500_mail");
  expect(
    (await run("packages/db/src/cli.ts", ["migrate", `--only=${first.join(",")}`], { OWNER_DATABASE_URL: older.owner }))
      .code,
  ).toBe(0);
  await sql(
    older.owner,
    "insert into tenant (id, code) values (1, 'old')",
    "insert into role (tenant_id, code, title) values (1, 'system_admin', '系统管理员')",
  );
  const early = join(folder, "older.backup");
  await take(older.owner, early);
  await older.drop();
  await put(early);
  expect(
    await sql(
      target.owner,
      "select migration_name as name from _prisma_migrations where finished_at is not null order by 1",
    ),
  ).toEqual(names.map((name) => ({ name })));
  // This migration gives a right to a role that only the archive holds.
  expect(await sql(target.owner, "select permission from role_permission order by 1")).toEqual([
    { permission: "outbox.read" },
    { permission: "outbox.retry" },
    { permission: "system.mend" },
  ]);
});

/** The commands as an operator calls them, on a server given by address. */
const environment = (name: string) => ({
  STATE_DIR: join(folder, name),
  DATABASE_URL: target.owner,
  BACKUP_PASSPHRASE: passphrase,
  ...keys,
});

test("a restore that is killed leaves the present database, and the next one succeeds", async () => {
  await holdSomething();
  const env = environment("killed");
  const said = await killAt("  person  ", "packages/stack/src/cli.ts", ["restore", file, "--yes"], env);
  expect(said).toMatch(/^SIGKILL/);
  expect(await present()).toEqual([{ id: 7 }]);
  expect(await leftovers()).toEqual([{ name: `${target.name}_restoring` }]);
  const again = await run("packages/stack/src/cli.ts", ["restore", file, "--yes"], env);
  expect(again).toMatchObject({ code: 0 });
  expect(await fingerprint(target.owner)).toEqual(archived);
  expect(await leftovers()).toEqual([{ name: `${target.name}_replaced` }]);

  writeFileSync(join(env.STATE_DIR, "secrets.json.replaced"), "{}");
  expect(await run("packages/stack/src/cli.ts", ["restore", "--forget"], env)).toMatchObject({ code: 0 });
  expect(await leftovers()).toEqual([]);
  expect(existsSync(join(env.STATE_DIR, "secrets.json.replaced"))).toBe(false);
  expect(await fingerprint(target.owner)).toEqual(archived);
});

test("a wrong passphrase, or other keys in the environment, are refused before anything is changed", async () => {
  await holdSomething();
  const env = environment("wrong");
  const restore = (more: Record<string, string>) =>
    run("packages/stack/src/cli.ts", ["restore", file, "--yes"], { ...env, ...more });
  expect(await restore({ BACKUP_PASSPHRASE: "另一个足够长的备份口令 2026" })).toMatchObject({
    code: 1,
    text: expect.stringMatching(/wrong passphrase/),
  });
  expect(await restore({ BACKUP_PASSPHRASE: "" })).toMatchObject({
    code: 1,
    text: expect.stringMatching(/set BACKUP_PASSPHRASE/),
  });
  expect(await restore({ DATA_KEY: "another-data-key-of-the-tests" })).toMatchObject({
    code: 1,
    text: expect.stringMatching(/other keys\): DATA_KEY$/m),
  });
  expect(await present()).toEqual([{ id: 7 }]);
  expect(await leftovers()).toEqual([]);
});

test("the command writes a backup that restores, says no personal data, and without a passphrase only when told to", async () => {
  const env = { ...environment("command"), DATABASE_URL: source.owner };
  const written = join(folder, "command.backup");
  const { BACKUP_PASSPHRASE: _, ...bare } = env;
  expect(await run("packages/stack/src/cli.ts", ["backup", written], bare)).toMatchObject({ code: 1 });
  expect(existsSync(written)).toBe(false);
  const done = await run("packages/stack/src/cli.ts", ["backup", written], env);
  expect(done).toMatchObject({ code: 0 });
  const people = await sql<{ name: string }>(source.owner, "select name from person_private");
  expect(people.filter(({ name }) => done.text.includes(name))).toEqual([]);
  expect((await run("packages/stack/src/cli.ts", ["backup", written], env)).text).toMatch(/exists/);
  await put(written);
  expect(await fingerprint(target.owner)).toEqual(archived);

  const open = join(folder, "without-keys.backup");
  expect(await run("packages/stack/src/cli.ts", ["backup", open, "--without-keys"], bare)).toMatchObject({
    code: 0,
    text: expect.stringMatching(/holds no keys/),
  });
  expect((await Archive.open(open)).manifest.keys).toBeNull();
});
