import { migrate } from "@xianfeng/db/migrate";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScaleResult, scaleTables, seedScale } from "../src/index.ts";
import { bulletin } from "../src/population.ts";

const members = 2_000;
const seed = Number(process.env.SEED ?? 20_261_122);
const keys = { dataKey: "scale-test-data-key-000000000", blindIndexKey: "scale-test-blind-index-000000" };
const databases: TestDatabase[] = [];
const clients: pg.Client[] = [];

let migrated: TestDatabase | undefined;

/** A migrated database, filled unless said otherwise. */
async function open(options: { seed?: number; empty?: boolean } = {}) {
  if (!migrated) {
    migrated = await createTestDatabase();
    databases.push(migrated);
    await migrate(migrated.owner);
  }
  const database = await createTestDatabase({ template: migrated.name });
  databases.push(database);
  const client = new pg.Client({ connectionString: database.owner });
  await client.connect();
  clients.push(client);
  const load = () => seedScale(database.owner, { members, tenantMembers: 800, keys, seed: options.seed ?? seed });
  return { database, client, load, result: options.empty ? undefined : await load() };
}

let client: pg.Client;
let result: ScaleResult;
beforeAll(async () => {
  process.stdout.write(`SEED=${seed}\n`);
  const filled = await open();
  client = filled.client;
  if (!filled.result) throw new Error("nothing was loaded");
  result = filled.result;
});
afterAll(async () => {
  for (const one of clients) await one.end();
  for (const one of databases) await one.drop();
});

const share = async (condition: string, of = "person"): Promise<number> => {
  const { rows } = await client.query<{ share: string }>(
    `SELECT (count(*) FILTER (WHERE ${condition}))::numeric / count(*) AS share FROM ${of}`,
  );
  return Number(rows[0]?.share);
};
const count = async (sql: string) =>
  Number((await client.query<{ n: string }>(`SELECT count(*) AS n ${sql}`)).rows[0]?.n);

/** What PostgreSQL says guards a database: constraints that were checked, indexes and triggers. */
const guardsOf = async (of: pg.Client) => {
  const { rows } = await of.query<{ guard: string }>(
    `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated AS guard FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL SELECT tgrelid::regclass || ' ' || tgfoid::regproc || ' ' || tgenabled::text || ' ' || count(*) FROM pg_trigger WHERE tgisinternal GROUP BY tgrelid, tgfoid, tgenabled
     ORDER BY 1`,
  );
  return rows.map((row) => row.guard);
};

/** Of every row of the large tables, whatever order they lie in. */
const contentOf = async (of: pg.Client) => {
  const digests: string[] = [];
  for (const table of scaleTables) {
    const { rows } = await of.query<{ digest: string }>(
      `SELECT md5(string_agg(md5((to_jsonb(t) - 'id_number_enc' - 'phone_enc')::text), '' ORDER BY md5((to_jsonb(t) - 'id_number_enc' - 'phone_enc')::text))) AS digest FROM ${table} t`,
    );
    digests.push(`${table} ${rows[0]?.digest}`);
  }
  return digests;
};

describe("scale data", () => {
  it("SCALE-01: hold as many members, tenants and rows as they say, about thirty attendance rows a member", async () => {
    expect(await count("FROM person")).toBe(members);
    expect(await count("FROM person_private")).toBe(members);
    expect(await count("FROM tenant")).toBe(3);
    for (const table of scaleTables)
      expect([table, await count(`FROM ${table}`)]).toEqual([table, result.tables[table]]);
    const rows = result.tables.attendance ?? 0;
    expect(rows / members).toBeGreaterThan(27);
    expect(rows / members).toBeLessThan(32);
  });

  it("SCALE-02: have the shares of the national bulletin, within three points", async () => {
    const near = async (name: string, condition: string, wanted: number, of?: string) =>
      expect([name, Math.abs((await share(condition, of)) - wanted) < 0.03]).toEqual([name, true]);
    await near("women", "sex = 'female'", bulletin.women);
    await near("minorities", "ethnicity <> '汉族'", bulletin.minorities);
    const college = "education IN ('大专', '本科', '硕士研究生', '博士研究生')";
    await near("college and above", college, bulletin.collegeAndAbove);
    for (const { from, to, share: wanted } of bulletin.ages)
      await near(`aged ${from} to ${to}`, `2024 - birth_year BETWEEN ${from} AND ${to}`, wanted);
    for (const { from, to, share: wanted } of bulletin.joined.slice(1))
      await near(`joined ${from}`, `joined_on BETWEEN '${from}' AND '${to}'`, wanted);
    await near("joined since 2012", "joined_on >= '2012-11-15'", bulletin.joined[0].share);
    const inBranch = "membership m JOIN party_org o ON o.id = m.org_id AND m.valid_to IS NULL";
    await near("retired", "category = 'retired'", bulletin.occupations.retired, inBranch);
    await near("students", "category IN ('graduate', 'undergraduate')", bulletin.occupations.student, inBranch);
    await near("branches", "kind = 'branch'", 0.879, "party_org");
  });

  it("SCALE-03: keep the rules of the data model", async () => {
    // Everybody stands in exactly one branch today and has one identity.
    expect(await count("FROM membership WHERE valid_to IS NULL AND kind = 'direct'")).toBe(members);
    expect(await count("FROM person_status WHERE valid_to IS NULL")).toBe(members);
    expect(await count("FROM person WHERE joined_on < make_date(birth_year + 18, 1, 1)")).toBe(0);
    // Attendance names the branch and the identity of that day.
    expect(
      await count(
        `FROM attendance a JOIN meeting m ON m.id = a.meeting_id
         WHERE a.org_id_then <> m.org_id
           OR NOT EXISTS (SELECT FROM membership s WHERE s.person_id = a.person_id AND s.org_id = a.org_id_then
             AND m.held_on >= s.valid_from AND (s.valid_to IS NULL OR m.held_on < s.valid_to))
           OR NOT EXISTS (SELECT FROM person_status i WHERE i.person_id = a.person_id AND i.identity = a.identity_then
             AND m.held_on >= i.valid_from AND (i.valid_to IS NULL OR m.held_on < i.valid_to))`,
      ),
    ).toBe(0);
    expect(await count("FROM membership WHERE cause_kind = 'transfer'")).toBeGreaterThan(5);
    expect(await count("FROM attendance WHERE identity_then = 'probationary_member' AND may_vote")).toBe(0);
    // No row points into another tenant.
    expect(
      await count(
        "FROM attendance a JOIN meeting m ON m.id = a.meeting_id JOIN person p ON p.id = a.person_id WHERE a.tenant_id <> m.tenant_id OR a.tenant_id <> p.tenant_id",
      ),
    ).toBe(0);
    expect(await count("FROM obligation o WHERE state = 'fulfilled' AND fulfilled_on > due_on")).toBe(0);
  });

  it("SCALE-04: leave every key, index, check and trigger as the migrations made them, all checked", async () => {
    const { client: untouched } = await open({ empty: true });
    const before = await guardsOf(untouched);
    expect(before.length).toBeGreaterThan(100);
    expect(await guardsOf(client)).toEqual(before);
    await expect(
      client.query(
        `INSERT INTO attendance (tenant_id, meeting_id, person_id, org_id_then, identity_then)
         SELECT tenant_id, gen_random_uuid(), person_id, org_id_then, identity_then FROM attendance LIMIT 1`,
      ),
    ).rejects.toMatchObject({ code: "23503" });
    await expect(
      client.query(
        `INSERT INTO attendance (tenant_id, meeting_id, person_id, org_id_then, identity_then)
         SELECT tenant_id, meeting_id, person_id, org_id_then, identity_then FROM attendance LIMIT 1`,
      ),
    ).rejects.toMatchObject({ code: "23505" });
  });

  it("SCALE-05: are the same rows for the same seed, and others for another", async () => {
    const again = await open();
    expect(again.result?.fingerprint).toBe(result.fingerprint);
    expect(await contentOf(again.client)).toEqual(await contentOf(client));
    const other = await open({ seed: seed + 1 });
    expect(other.result?.fingerprint).not.toBe(result.fingerprint);
    expect(await contentOf(other.client)).not.toEqual(await contentOf(client));
  });

  it("SCALE-06: go into an empty database only, and leave nothing behind when they cannot be loaded", async () => {
    const { client: other, load } = await open({ empty: true });
    const before = await guardsOf(other);
    // A rule that the rows break: the whole load must be undone, keys included.
    await other.query("ALTER TABLE attendance ADD CONSTRAINT nobody_is_late CHECK (state <> 'late')");
    await expect(load()).rejects.toMatchObject({ code: "23514" });
    expect((await other.query("SELECT FROM person")).rowCount).toBe(0);
    await other.query("ALTER TABLE attendance DROP CONSTRAINT nobody_is_late");
    expect(await guardsOf(other)).toEqual(before);
    await load();
    await expect(load()).rejects.toThrow("只能装入空库");
  });
});
