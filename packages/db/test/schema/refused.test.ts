import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forbiddenColumns } from "../../cdc/index.ts";
import { examine, explain, migrationsIn } from "../../src/cdc/change/examine.ts";
import { statementsOf } from "../../src/cdc/change/statements.ts";

const real = migrationsIn(join(import.meta.dirname, "../../prisma/migrations"));
let database: TestDatabase;
let client: pg.Client;
let ours: Awaited<ReturnType<typeof examine>>;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.owner });
  await client.connect();
  ours = await examine(client, real, forbiddenColumns);
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const tried = (sql: string, name = "20990101000000_tried") => examine(client, [{ name, sql }], forbiddenColumns);

test("SCH01: every migration of the checkout may be applied while the platform runs", () => {
  expect(ours.map(explain)).toEqual([]);
});

const header = "-- Generated from the catalog and packages/db/cdc by hand\n";

/** A migration, the rule that refuses it, what it refuses, and the statement that is to blame. */
const refused: [what: string, rule: string, subject: string, blamed: RegExp, sql: string][] = [
  [
    "a table of names is published",
    "publication_by_hand",
    "xianfeng_cdc",
    /^ALTER PUBLICATION/,
    "UPDATE person SET version = version; ALTER PUBLICATION xianfeng_cdc ADD TABLE person_private;",
  ],
  [
    "a table of names is published by a migration that looks generated",
    "personal",
    "person_private.name",
    /^ALTER PUBLICATION/,
    `${header}ALTER PUBLICATION xianfeng_cdc ADD TABLE person_private;`,
  ],
  [
    "a table leaves the publication inside a function body",
    "publication_by_hand",
    "xianfeng_cdc",
    /^DO/,
    "DO $$ BEGIN EXECUTE 'alter publication xianfeng_cdc drop table ' || 'meeting'; END $$;",
  ],
  [
    "the publication is made to leave out deletes",
    "publication_by_hand",
    "xianfeng_cdc",
    /^ALTER PUBLICATION/,
    "ALTER PUBLICATION xianfeng_cdc SET (publish = 'insert, update');",
  ],
  [
    "rows are published through a filter",
    "publication_by_hand",
    "meeting",
    /WHERE/,
    `${header}ALTER PUBLICATION xianfeng_cdc DROP TABLE meeting; ALTER PUBLICATION xianfeng_cdc ADD TABLE meeting WHERE (version > 1);`,
  ],
  [
    "free text joins a published table",
    "personal",
    "person.note",
    /ADD COLUMN note/,
    "ALTER TABLE person ADD COLUMN note text STORAGE PLAIN;",
  ],
  [
    "a column may be stored out of line",
    "out_of_line",
    "meeting.remark_code",
    /ADD COLUMN/,
    "ALTER TABLE meeting ADD COLUMN remark_code text;",
  ],
  [
    "a column is set back to storage out of line",
    "out_of_line",
    "meeting.kind",
    /SET STORAGE/,
    "ALTER TABLE meeting ALTER COLUMN kind SET STORAGE EXTENDED;",
  ],
  [
    "an enum",
    "type",
    "meeting.mood",
    /^ALTER TABLE/,
    "CREATE TYPE mood AS ENUM ('good'); ALTER TABLE meeting ADD COLUMN mood mood;",
  ],
  ["floating point", "type", "meeting.share", /share/, "ALTER TABLE meeting ADD COLUMN share double precision;"],
  [
    "the primary key goes",
    "key",
    "evaluation_value",
    /DROP CONSTRAINT/,
    "ALTER TABLE evaluation_value DROP CONSTRAINT evaluation_value_pkey;",
  ],
  [
    "the primary key becomes another one",
    "key",
    "evaluation_branch",
    /ADD PRIMARY KEY/,
    "ALTER TABLE evaluation_branch DROP CONSTRAINT evaluation_branch_pkey, ADD PRIMARY KEY (period_id, org_id, tenant_id);",
  ],
  ["the replica identity", "replica_identity", "meeting", /REPLICA/, "ALTER TABLE meeting REPLICA IDENTITY FULL;"],
  ["TRUNCATE", "truncate", "obligation", /^TRUNCATE/, "TRUNCATE obligation;"],
  [
    "TRUNCATE that reaches a published table through another",
    "truncate",
    "attendance",
    /^TRUNCATE/,
    "TRUNCATE meeting CASCADE;",
  ],
  [
    "a renamed column",
    "rename_column",
    "meeting.audience",
    /RENAME/,
    "ALTER TABLE meeting RENAME COLUMN audience TO reach;",
  ],
  [
    "a renamed column and a dropped one at once",
    "drop_column",
    "meeting.version",
    /DROP COLUMN/,
    "ALTER TABLE meeting RENAME COLUMN audience TO reach; ALTER TABLE meeting DROP COLUMN version;",
  ],
  [
    "a column dropped that processes still name",
    "drop_column",
    "person_private.mail_mask",
    /DROP/,
    "ALTER TABLE person_private DROP COLUMN mail_mask;",
  ],
  [
    "a column retired and dropped at once",
    "drop_column",
    "meeting.audience",
    /DROP COLUMN/,
    "COMMENT ON COLUMN meeting.audience IS 'xianfeng: retired'; ALTER TABLE meeting DROP COLUMN audience;",
  ],
  ["a renamed table", "rename_table", "sanction", /RENAME/, "ALTER TABLE sanction RENAME TO penalty;"],
  ["a dropped table", "drop_table", "sanction", /DROP TABLE/, "DROP TABLE sanction;"],
  [
    "another type under the models",
    "retype",
    "meeting.version",
    /TYPE/,
    "ALTER TABLE meeting ALTER COLUMN version TYPE bigint;",
  ],
  [
    "NOT NULL without a default",
    "not_null",
    "sanction.origin",
    /ADD COLUMN/,
    "ALTER TABLE sanction ADD COLUMN origin text NOT NULL;",
  ],
  [
    "NOT NULL on a column that may be left out",
    "not_null",
    "person.education",
    /SET NOT NULL/,
    "ALTER TABLE person ALTER COLUMN education SET NOT NULL;",
  ],
];

for (const [what, rule, subject, blamed, sql] of refused) {
  test(`SCH02: refused, with the migration, the statement, the reason and what to do instead: ${what}`, async () => {
    const name = sql.startsWith(header) ? "20990101000000_publication" : "20990101000000_tried";
    const text = sql.replace("by hand\n", "by `pnpm cdc:generate`.\n");
    const findings = await tried(text, name);
    const found = findings.find((finding) => finding.rule === rule && finding.what === subject);
    expect(found, JSON.stringify(findings)).toBeDefined();
    expect(found?.statement).toMatch(blamed);
    const words = found ? explain(found) : "";
    expect(words).toContain(name);
    expect(words).toMatch(/[\u4e00-\u9fff].*\([a-z]/);
    expect(words).toContain("请改为 (instead): ");
    // What was refused is not there.
    expect(await tried("SELECT 1")).toEqual([]);
  });
}

const allowed: [what: string, sql: string][] = [
  ["a column that may be NULL", "ALTER TABLE meeting ADD COLUMN remark_code text STORAGE PLAIN;"],
  ["a column with a default", "ALTER TABLE meeting ADD COLUMN seats integer NOT NULL DEFAULT 0;"],
  [
    "a list that says what is missing",
    "ALTER TABLE meeting ADD COLUMN codes text[] STORAGE PLAIN NOT NULL DEFAULT '{}';",
  ],
  ["a table that is not published", "CREATE TABLE far (id int PRIMARY KEY, note text); TRUNCATE far;"],
  [
    "the word in a comment",
    "-- TRUNCATE meeting would be wrong\nALTER TABLE meeting ALTER COLUMN version SET DEFAULT 2;",
  ],
  ["retired in one migration", "COMMENT ON COLUMN meeting.remark_code IS 'xianfeng: retired';"],
  ["and dropped in a later one", "ALTER TABLE meeting DROP COLUMN remark_code;"],
];

test("SCH03: a change that what runs survives is let through", async () => {
  for (const [what, sql] of allowed) expect((await tried(sql)).map(explain), what).toEqual([]);
});

test("SCH04: a script is cut where statements end, not at every semicolon", () => {
  const script = `-- one; two
    CREATE FUNCTION f() RETURNS int AS $body$ BEGIN RETURN 1; END $body$ LANGUAGE plpgsql;
    INSERT INTO t VALUES ('a;''b', "odd;name"); /* ; */ SELECT $$;$$; -- end;`;
  expect(statementsOf(script).map((text) => text.split("\n").at(-1)?.trim().slice(0, 6))).toEqual([
    "CREATE",
    "INSERT",
    "/* ; *",
  ]);
});
