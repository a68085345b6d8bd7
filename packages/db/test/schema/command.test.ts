import { afterAll, beforeAll, expect, test } from "vitest";
import { type Checkout, copyCheckout } from "./checkout.ts";

let checkout: Checkout;
beforeAll(() => {
  checkout = copyCheckout();
});
afterAll(() => checkout?.remove());

const meeting = "packages/db/prisma/schema/meeting.prisma";
const staging = "warehouse/models/staging/stg_meeting.sql";
const sources = "warehouse/models/staging/_sources.yml";
const landing = "packages/clickhouse/src/generated/landing.ts";
const rows = "packages/clickhouse/src/generated/rows.ts";
const client = "packages/db/src/generated/models/Meeting.ts";

test("SCH10: one command adds a column to the schema, the database, the landing table, the row type and the staging model", async () => {
  const answer = await checkout.run("add", "meeting", "remark_code", "text");
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.text).toContain("接下来 (next)");
  expect(checkout.read(meeting)).toMatch(/^ {2}remarkCode String\? @map\("remark_code"\)$/m);
  expect(checkout.migration("_meeting_add_remark_code")).toContain('ADD COLUMN "remark_code" text STORAGE PLAIN;');
  for (const path of [staging, sources, landing, rows]) expect(checkout.read(path), path).toContain("remark_code");
  expect(checkout.read(client)).toContain("remarkCode");
  expect(await checkout.run("--check")).toMatchObject({ code: 0 });
});

test("SCH11: a .prisma file edited by hand gets the same by the bare command, and a table that is not published nothing else", async () => {
  const member = "packages/db/prisma/schema/sanction.prisma";
  checkout.write(
    member,
    checkout.read(member).replace("  kind      String", "  kind      String\n  grade Int @default(1)"),
  );
  expect(await checkout.run("--check")).toMatchObject({ code: 1, text: expect.stringContaining("ADD COLUMN") });
  const before = checkout.all();
  expect(await checkout.run()).toMatchObject({ code: 0 });
  expect(checkout.migration("_sanction_add_grade")).toBe(
    'ALTER TABLE "sanction" ADD COLUMN "grade" integer NOT NULL DEFAULT 1;\n',
  );
  const written = [...checkout.all()].filter(([path, content]) => before.get(path) !== content);
  expect(written.map(([path]) => path.split("/").at(-1))).toEqual(["migration.sql"]);
});

test("SCH12: a rename leaves both names, kept equal, in everything that is made; the code knows the new one alone", async () => {
  expect(await checkout.run("rename", "meeting", "remark_code", "remark_key")).toMatchObject({ code: 0 });
  expect(checkout.read(meeting)).toMatch(/^ {2}remarkKey String\? @map\("remark_key"\)$/m);
  expect(checkout.read(meeting)).not.toContain("remark_code");
  const sql = checkout.migration("_meeting_rename_remark_code_to_remark_key");
  expect(sql).not.toMatch(/RENAME|DROP/);
  expect(sql).toContain("CREATE TRIGGER");
  for (const name of ["remark_code", "remark_key"]) expect(checkout.read(staging)).toContain(`    ${name}`);
});

test("SCH13: a column is dropped in two deployments, the first of which takes it out of everything that reads", async () => {
  expect(await checkout.run("drop", "meeting", "remark_code")).toMatchObject({ code: 0 });
  expect(checkout.migration("_meeting_retire_remark_code")).not.toContain("DROP COLUMN");
  for (const path of [staging, landing, rows]) {
    expect(checkout.read(path), path).not.toMatch(/\bremark_code\b/);
    expect(checkout.read(path), path).toContain("remark_key");
  }
  expect(await checkout.run("drop", "meeting", "remark_code")).toMatchObject({ code: 0 });
  expect(checkout.migration("_meeting_drop_remark_code")).toMatch(
    /DROP TRIGGER .*\nDROP FUNCTION .*\nALTER TABLE .* DROP COLUMN/,
  );
  expect(await checkout.run("--check")).toMatchObject({ code: 0 });
});

const refused: [what: string, args: string[], said: RegExp][] = [
  ["a name", ["add", "meeting", "note", "text"], /meeting\.note[\s\S]*请改为 \(instead\)/],
  ["NOT NULL without a default", ["add", "meeting", "seats", "integer", "--not-null"], /meeting\.seats[\s\S]*DEFAULT/],
  ["a type that cannot land", ["add", "meeting", "share", "real"], /not one of/],
  ["a column that models use", ["drop", "meeting", "held_on"], /part of a key, an index or a relation/],
  ["a column that a model reads", ["drop", "meeting", "voided_at"], /uses stg_meeting\.voided_at/],
  ["a column that fills itself anew", ["rename", "meeting", "id", "number"], /part of a key/],
  ["a column that is not there", ["rename", "meeting", "nothing", "number"], /no column nothing/],
  ["a word that is no name", ["add", "meeting", "Remark", "text"], /npm run schema -- add/],
];
for (const [what, args, said] of refused) {
  test(`SCH14: refused and nothing changed: ${what}`, async () => {
    const before = checkout.all();
    const answer = await checkout.run(...args);
    expect(answer).toMatchObject({ code: 1, text: expect.stringMatching(said) });
    expect(answer.text).toContain("没有更改任何文件");
    expect(checkout.all()).toEqual(before);
  });
}

test("SCH15: a name that went while another came is asked about, not guessed", async () => {
  const before = checkout.read(meeting);
  checkout.write(meeting, before.replace('remarkKey String? @map("remark_key")', "mark String?"));
  const answer = await checkout.run();
  expect(answer).toMatchObject({
    code: 1,
    text: expect.stringContaining("npm run schema -- rename meeting remark_key mark"),
  });
  checkout.write(meeting, before);
});

test("SCH16: a change that is not a column is named, with the place for a migration by hand", async () => {
  const before = checkout.read(meeting);
  checkout.write(meeting, before.replace("remarkKey String?", "remarkKey String"));
  const answer = await checkout.run();
  expect(answer.code).toBe(1);
  expect(answer.text).toMatch(/meeting\.remark_key is text, the Prisma schema says text NOT NULL/);
  checkout.write(meeting, before);
});
