import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openOwner } from "../src/analytics.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";
import { binaryTraces, type Trace, textsInTables, tracesInFiles, tracesOf } from "../src/traces.ts";
import { workbook } from "../src/workbook.ts";

/** Somebody nobody else is like: every way in is used, then he is erased, and every file and every column is searched. */
const canary = {
  id: randomUUID(),
  name: "欧阳鹮翯",
  studentNo: "CNRY770077",
  idNumber: idNumber("99000019920229", "773"),
  phone: "15499887761",
  mail: "golden.canary@example.invalid",
  leave: "因鹮翯综合征住院观察",
};
const texts = [canary.name, canary.studentNo, canary.idNumber, canary.phone, canary.mail, canary.leave, "鹮翯"];

function idNumber(birth: string, serial: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const first = `${birth}${serial}`;
  return first + "10X98765432"[[...first].reduce((sum, digit, at) => sum + Number(digit) * (weights[at] ?? 0), 0) % 11];
}

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let admin: pg.Client;
let committee: Person;
let secretary: Person;
beforeAll(async () => {
  owner = await openOwner(platform);
  const inside = new URL(String(platform.settings.ADMIN_DATABASE_URL));
  inside.pathname = new URL(String(platform.settings.OWNER_DATABASE_URL)).pathname;
  admin = new pg.Client({ connectionString: inside.href });
  await admin.connect();
  committee = await Person.demo(platform, "cheng");
  secretary = await Person.demo(platform, "zhou");
});
afterAll(async () => {
  await Promise.all([owner?.end(), admin?.end()]);
});

/** All rows of all ClickHouse tables that hold one of the texts. */
async function textsInClickHouse(): Promise<string[]> {
  const ask = async (sql: string) => {
    const answer = await fetch(`${platform.settings.CLICKHOUSE_HTTP_URL}/`, {
      method: "POST",
      headers: {
        "X-ClickHouse-User": "dbt",
        "X-ClickHouse-Key": String(platform.settings.CLICKHOUSE_DBT_PASSWORD),
      },
      body: sql,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text.split("\n").filter(Boolean);
  };
  const tables = await ask(
    "SELECT concat(database, '.`', name, '`') FROM system.tables WHERE database IN ('raw', 'staging', 'intermediate', 'marts') AND engine NOT LIKE '%View' FORMAT TSVRaw",
  );
  const found: string[] = [];
  for (const table of tables) {
    const list = texts.map((text) => `'${text}'`).join(", ");
    const [rows] = await ask(
      `SELECT count() FROM ${table} WHERE multiSearchAny(toString(tuple(*)), [${list}]) FORMAT TSV`,
    );
    if (rows !== "0") found.push(`${table}: ${rows}`);
  }
  return found;
}

async function enter(): Promise<void> {
  const { rows } = await owner.query<{ org_id: number }>(
    `select a.org_id from auth_user u join principal p on p.user_id = u.id join role_assignment a on a.principal_id = p.id
     join role r on r.id = a.role_id where u.username = 'zhou' and r.code = 'branch_secretary'`,
  );
  // By form.
  const { name, studentNo, phone, mail } = canary;
  await secretary.ask("member.create", {
    ...{ id: canary.id, name, studentNo, phone, mail, idNumber: canary.idNumber, orgId: rows[0]?.org_id },
    ...{ ethnicity: "汉族", education: "本科", identity: "full_member", from: "2026-01-05" },
    ...{ joinedOn: "2020-07-01", convertedOn: "2021-07-01" },
  });
  // By import: a row that is good, and rows that are refused, with numbers in the wrong columns.
  const periods = await committee.ask<{ id: string }[]>("evaluation.periods");
  const { rows: indicators } = await owner.query<{ id: string }>(
    "select id from indicator where tenant_id = 1 and source = 'imported' order by code limit 1",
  );
  const { rows: open } = await owner.query<{ id: string }>(
    "select id from evaluation_period where tenant_id = 1 and id = any($1::uuid[]) order by starts_on desc limit 1",
    [periods.map(({ id }) => id)],
  );
  const batchId = randomUUID();
  const file = workbook([
    ["学号", "姓名", "党支部", "得分"],
    [studentNo, name, "", 91.5],
    [canary.idNumber, name, "", 999],
    [phone, name, "", "不是数字"],
  ]);
  const target = { periodId: open[0]?.id, indicatorId: indicators[0]?.id };
  await committee.ask("evaluation.importCheck", { batchId, ...target, fileName: `${name}的成绩.xlsx`, file });
  const refused = await committee.ask<{ total: number }>("evaluation.importRows", { batchId, state: "refused" });
  expect(refused.total).toBeGreaterThanOrEqual(2);
  await committee.ask("evaluation.importApply", { batchId });
  // An account, a meeting with words about him, a message, a reason of leave.
  const userId = randomUUID();
  await owner.query(
    "insert into auth_user (id, name, email, username, tenant_id) values ($1, $2, $3, 'canarybird', 1)",
    [userId, name, mail],
  );
  const { rows: principal } = await owner.query<{ id: string }>(
    "insert into principal (tenant_id, user_id, person_id, display_name) values (1, $1, $2, $3) returning id",
    [userId, canary.id, name],
  );
  const { rows: meeting } = await owner.query<{ id: string }>(
    "select m.id from meeting m where m.org_id = $1 and m.state = 'closed' order by held_on desc limit 1",
    [rows[0]?.org_id],
  );
  await owner.query("update meeting_body set minutes = minutes || $2, host_id = $3 where meeting_id = $1", [
    meeting[0]?.id,
    `${name}同志作了发言。`,
    canary.id,
  ]);
  const { rows: attendance } = await owner.query<{ id: string }>(
    `insert into attendance (tenant_id, meeting_id, person_id, org_id_then, identity_then, state)
     values (1, $1, $2, $3, 'full_member', 'leave') returning id`,
    [meeting[0]?.id, canary.id, rows[0]?.org_id],
  );
  await owner.query(
    `insert into attendance_note (tenant_id, attendance_id, kind, state_before, state_after, reason, principal_id)
     values (1, $1, 'leave', 'pending', 'leave', $2, $3)`,
    [attendance[0]?.id, canary.leave, principal[0]?.id],
  );
  await owner.query(
    `insert into outbox_message (tenant_id, dedupe_key, channel, principal_id, subject, body) values (1, $1, 'in_app', $2, $3, $4)`,
    [randomUUID(), principal[0]?.id, `${name}同志：`, `请${name}同志参加`],
  );
  // A row that the warehouse refuses: it has no such day. What it held is set aside.
  await owner.query("update person set education = $2, joined_on = '0044-03-15' where id = $1", [canary.id, name]);
  await poll("the refused row to be set aside", 120_000, async () =>
    (await textsInClickHouse()).some((found) => found.includes("_dead_letter")),
  );
}

/** What identifies him without being readable: ciphertexts and the keyed hash of his number. */
async function bytesOf(): Promise<Trace[]> {
  const { rows } = await owner.query<Record<"id_number_enc" | "id_number_hmac" | "phone_enc" | "mail_enc", Buffer>>(
    "select id_number_enc, id_number_hmac, phone_enc, mail_enc from person_private where person_id = $1",
    [canary.id],
  );
  return Object.entries(rows[0] ?? {}).flatMap(([column, bytes]) => binaryTraces(column, bytes));
}

test("ERA10: after an erasure and its clean-up no column of any table and no file of ours says who it was", async () => {
  await enter();
  await admin.query("analyze");
  await admin.query("checkpoint");
  const traces = [...texts.flatMap((text) => tracesOf(text, text)), ...(await bytesOf())];
  // What is searched for is there to be found, in both databases and in the log.
  const before = await tracesInFiles(platform.stateDir, traces);
  for (const place of [/^postgres\/base\//, /^postgres\/pg_wal\//, /^clickhouse\//, /id_number_hmac/])
    expect(
      before.filter((found) => place.test(found)),
      String(place),
    ).not.toEqual([]);
  expect((await textsInTables(admin, texts)).length).toBeGreaterThan(8);

  await secretary.ask("erasure.request", { id: canary.id, reason: "consent_withdrawn" });
  await committee.ask("erasure.carryOut", { id: canary.id, name: canary.name });
  expect(await textsInTables(admin, texts)).toEqual([]);
  const { rows } = await owner.query("select from person_private where person_id = $1", [canary.id]);
  expect(rows).toEqual([]);
  // Rows that are gone still lie in the files: that is what the clean-up is for.
  expect(await tracesInFiles(platform.stateDir, traces)).not.toEqual([]);

  const cleaned = platform.command("erase:clean");
  expect(cleaned.status, cleaned.output).toBe(0);
  expect(await tracesInFiles(platform.stateDir, traces)).toEqual([]);
  expect(await textsInTables(admin, texts)).toEqual([]);
  expect(await textsInClickHouse()).toEqual([]);
  // The platform goes on, and so does every page that had him on it.
  for (const page of ["/members", "/meetings", "/orgs", "/evaluation", "/erasures"])
    expect((await committee.get(page)).status, page).toBe(200);
  const receipts = (await committee.get("/erasures")).text;
  expect(receipts).toContain(canary.id);
  expect(texts.filter((text) => receipts.includes(text))).toEqual([]);
  await platform.untilReady();
});
