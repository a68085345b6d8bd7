import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Archive, ArchiveWriter, boundTo, type Manifest } from "../src/backup-archive.ts";
import { backupDatabase } from "../src/backup-database.ts";
import { openKeys } from "../src/backup-keys.ts";
import { removeElsewhere } from "../src/postgres.ts";
import { makeFolders, pathsIn, releaseLock, takeLock } from "../src/state.ts";
import { createTestDatabase } from "../src/testing.ts";
import { keys, passphrase, run, silent, sql } from "./backup-world.ts";

const folder = mkdtempSync(join(tmpdir(), "xianfeng-backup-"));
chmodSync(folder, 0o755);
const file = join(folder, "small.backup");
const stateDir = join(folder, "new-machine");
const command = (...args: string[]) =>
  run("packages/stack/src/cli.ts", args, { STATE_DIR: stateDir, BACKUP_PASSPHRASE: passphrase });

beforeAll(async () => {
  const source = await createTestDatabase();
  await run("packages/db/src/cli.ts", ["migrate"], { OWNER_DATABASE_URL: source.owner });
  await sql(source.owner, "insert into tenant (id, code) select g, 'college ' || g from generate_series(1, 500) g");
  await backupDatabase({ url: source.owner, file, keys, passphrase, say: silent });
  await source.drop();
}, 120_000);

afterAll(() => {
  removeElsewhere(pathsIn(stateDir).postgres);
  rmSync(folder, { recursive: true, force: true });
});

const contents = async (path: string) =>
  (await Archive.open(path)).manifest.tables.map(({ table, rows, sha256 }) => ({ table, rows, sha256 }));

test("on a machine that has nothing, a restore makes server, data and keys, and a backup of them equals the first", async () => {
  const restored = await command("restore", file);
  expect(restored, restored.text).toMatchObject({ code: 0 });
  const secrets = join(stateDir, "secrets.json");
  expect(JSON.parse(readFileSync(secrets, "utf8"))).toMatchObject(keys);
  expect(statSync(secrets).mode & 0o777).toBe(0o600);

  const second = join(folder, "second.backup");
  const written = await command("backup", second);
  expect(written, written.text).toMatchObject({ code: 0 });
  expect(await contents(second)).toEqual(await contents(file));
  const { manifest } = await Archive.open(second);
  expect(manifest.keys && openKeys(manifest.keys, passphrase, boundTo(manifest))).toEqual(keys);
}, 120_000);

test("a backup on a machine without data or keys says so and makes neither", async () => {
  const empty = join(folder, "empty");
  const nothing = await run("packages/stack/src/cli.ts", ["backup", join(folder, "no.backup")], {
    STATE_DIR: empty,
    BACKUP_PASSPHRASE: passphrase,
  });
  expect(nothing).toMatchObject({ code: 1, text: expect.stringMatching(/nothing to back up/) });
  const keyless = await run("packages/stack/src/cli.ts", ["backup", join(folder, "no.backup")], {
    STATE_DIR: empty,
    BACKUP_PASSPHRASE: passphrase,
    DATABASE_URL: "postgresql://nobody@127.0.0.1:1/nothing",
  });
  expect(keyless).toMatchObject({ code: 1, text: expect.stringMatching(/no keys/) });
  expect(existsSync(empty)).toBe(false);
});

test("a platform that runs is not restored", async () => {
  const paths = pathsIn(join(folder, "running"));
  makeFolders(paths);
  expect(takeLock(paths)).toBeUndefined();
  const refused = await run("packages/stack/src/cli.ts", ["restore", file, "--yes"], {
    STATE_DIR: paths.stateDir,
    BACKUP_PASSPHRASE: passphrase,
  });
  releaseLock(paths);
  expect(refused).toMatchObject({ code: 1, text: expect.stringMatching(/npm stop first/) });
  expect(existsSync(paths.postgres)).toBe(false);
});

test("a table that is not what its hash says is found out, however well it was packed", async () => {
  const { manifest } = await Archive.open(file);
  const forged = join(folder, "other-rows.backup");
  const writer = await ArchiveWriter.create(forged);
  async function* rows() {
    yield Buffer.from("1\tcollege 1\n");
  }
  const honest = { table: "tenant", columns: ["id", "code"], ...(await writer.add(rows())) };
  await writer.finish({ ...manifest, tables: [honest, { ...honest, sha256: "0".repeat(64) }] });
  const archive = await Archive.open(forged);
  await expect(archive.check()).rejects.toThrow(/cut off or damaged.*: tenant$/);
});

test("who changes the manifest and its hash, without the passphrase, is found out by the keys", async () => {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(bytes.length - 56));
  const at = bytes.length - 56 - length;
  const manifest = JSON.parse(bytes.subarray(at, at + length).toString()) as Manifest;
  const text = Buffer.from(JSON.stringify({ ...manifest, takenAt: "2001-01-01T00:00:00.000Z" }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const forged = join(folder, "forged.backup");
  const foot = bytes.subarray(bytes.length - 16);
  const sum = createHash("sha256").update(text).digest();
  writeFileSync(forged, Buffer.concat([bytes.subarray(0, at), text, size, sum, foot]));
  expect((await Archive.open(forged)).manifest.takenAt).toBe("2001-01-01T00:00:00.000Z");
  const refused = await run("packages/stack/src/cli.ts", ["restore", forged, "--yes"], {
    STATE_DIR: join(folder, "forged"),
    DATABASE_URL: "postgresql://nobody@127.0.0.1:1/nothing",
    BACKUP_PASSPHRASE: passphrase,
  });
  expect(refused).toMatchObject({ code: 1, text: expect.stringMatching(/the manifest was changed/) });
});
