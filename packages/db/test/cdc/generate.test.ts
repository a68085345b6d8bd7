import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forbiddenColumns, publishedTables } from "../../cdc/index.ts";
import { differing, generatedFiles } from "../../src/cdc/files.ts";
import { migrate } from "../../src/migrate.ts";

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.owner);
  client = new pg.Client({ connectionString: database.owner });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

test("the checked-in files are those of the catalog", async () => {
  expect(differing(await generatedFiles(client, publishedTables, forbiddenColumns))).toEqual([]);
});

test("a file that was changed by hand, or is missing, is found", async () => {
  const files = await generatedFiles(client, publishedTables, forbiddenColumns);
  const model = [...files.keys()].find((path) => path.endsWith("stg_meeting.sql")) ?? "";
  const changed = new Map(files)
    .set(model, `${files.get(model)} -- by hand`)
    .set("warehouse/models/staging/stg_none.sql", "");
  expect(differing(changed).sort()).toEqual(["warehouse/models/staging/stg_none.sql", model].sort());
});

test("what is published cannot be stored out of line, has its key as identity, and keys cannot change", async () => {
  const { rows } = await client.query<{ table: string; loose: number; identity: string }>(
    `select tablename as "table", relreplident as identity,
       (select count(*)::int from pg_attribute a join pg_type t on t.oid = atttypid
        where attrelid = c.oid and attnum > 0 and typlen = -1 and attstorage <> 'p') as loose
     from pg_publication_tables join pg_class c on c.oid = format('%I.%I', schemaname, tablename)::regclass where pubname = 'xianfeng_cdc'`,
  );
  expect(rows.map((row) => row.table).sort()).toEqual(publishedTables.map((entry) => entry.table).sort());
  expect(rows.filter((row) => row.loose > 0 || row.identity !== "d")).toEqual([]);
  await client.query("insert into tenant (code) values ('key-test')");
  await expect(client.query("update tenant set id = id + 1000 where code = 'key-test'")).rejects.toMatchObject({
    code: "23001",
  });
  await client.query("update tenant set id = id, code = 'key-test-2' where code = 'key-test'");
});

test("a column that names a person is refused, whichever table it is in", async () => {
  await client.query("begin");
  await client.query("alter table person add column phone text");
  await expect(generatedFiles(client, publishedTables, forbiddenColumns)).rejects.toThrow(/person\.phone/);
  await client.query("rollback");
});

const refused: [what: string, column: string, text: RegExp][] = [
  ["an enum", "mood", /wrong: PostgreSQL type mood cannot be published: use text with a lookup table/],
  ["a number without precision", "numeric", /precision/],
  ["floating point", "double precision", /reproducible/],
  ["microseconds", "timestamptz", /timestamptz\(3\)/],
  ["a list that may be missing", "text[]", /NOT NULL/],
];
for (const [what, type, text] of refused) {
  test(`${what} is refused with advice`, async () => {
    await client.query("begin");
    await client.query("create type mood as enum ('good')");
    await client.query(`alter table person add column wrong ${type}`);
    await expect(generatedFiles(client, publishedTables, forbiddenColumns)).rejects.toThrow(text);
    await client.query("rollback");
  });
}

test("--check passes on this checkout, and fails naming the files on one that lacks them", async () => {
  const check = (...more: string[]) =>
    new Promise<{ code: number; text: string }>((resolve) =>
      execFile(
        process.execPath,
        [join(import.meta.dirname, "../../src/cdc/generate.ts"), "--check", ...more],
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
      ),
    );
  const empty = mkdtempSync(join(tmpdir(), "xianfeng-cdc-"));
  const [here, there] = await Promise.all([check(), check("--root", empty)]);
  rmSync(empty, { recursive: true });
  expect(here).toMatchObject({ code: 0 });
  expect(there.code).toBe(1);
  expect(there.text).toContain("packages/clickhouse/src/generated/rows.ts");
});
