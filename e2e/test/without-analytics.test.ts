import { randomUUID } from "node:crypto";
import { createClickHouse } from "@xianfeng/clickhouse";
import { type College, seedCollege } from "@xianfeng/seed";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { rankedByHand, shownByCube } from "../oracle/shown.ts";
import { openOwner, untilShown } from "../src/analytics.ts";
import { openBrowser, openWindow, signIn } from "../src/browser.ts";
import { Person, Refused } from "../src/ops.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";
import { workbook } from "../src/workbook.ts";

/**
 * ClickHouse, stream and Cube stand still as if the machine under them had: they take connections and never answer, which is worse than
 * a closed port. For most of the test the analytics app does, too.
 */
const analytics = ["engine", "stream", "warehouse", "cube"];
const seed = Number(process.env.SEED ?? 20_261_122);
const platform = Platform.at(inject("stateDir"));
const frozen = new Map<string, number>();
let owner: pg.Client;
let college: College;
let admin: Person;
let sealed: { runId: string; periodId: string };

function freeze(names: readonly string[]): void {
  for (const name of names) {
    const { pid } = platform.part(name);
    if (!pid) throw new Error(`${name} does not run`);
    process.kill(-pid, "SIGSTOP");
    frozen.set(name, pid);
  }
}

function thaw(names: readonly string[]): void {
  for (const name of names) {
    const pid = frozen.get(name);
    if (pid) process.kill(-pid, "SIGCONT");
    frozen.delete(name);
  }
}

/** Ends a part and holds the supervisor, which would start it again. */
function keepDown(name: string): void {
  const { supervisor } = platform.status();
  const { pid } = platform.part(name);
  if (!pid) throw new Error(`${name} does not run`);
  process.kill(supervisor.pid, "SIGSTOP");
  process.kill(-pid, "SIGKILL");
  frozen.delete(name);
}

const letSupervise = () => process.kill(platform.status().supervisor.pid, "SIGCONT");

beforeAll(async () => {
  process.stdout.write(`without analytics: SEED=${seed}\n`);
  owner = await openOwner(platform);
  const { DATA_KEY, BLIND_INDEX_KEY, OWNER_DATABASE_URL } = platform.settings;
  const keys = { dataKey: String(DATA_KEY), blindIndexKey: String(BLIND_INDEX_KEY) };
  college = await seedCollege(String(OWNER_DATABASE_URL), { seed: seed + 77, keys });
  await untilShown(platform, owner, college.tenantId);
  admin = await Person.signIn(platform, { username: college.accounts.admin ?? "", password: college.password });
  const [first] = await periods();
  if (!first) throw new Error("no period");
  sealed = { periodId: first.id, runId: await publishNow(first.id) };
});

afterAll(async () => {
  letSupervise();
  thaw([...frozen.keys()]);
  await owner?.end();
});

const periods = async () =>
  (
    await owner.query<{ id: string }>("SELECT id FROM evaluation_period WHERE tenant_id = $1 ORDER BY starts_on", [
      college.tenantId,
    ])
  ).rows;

const runOf = async (periodId: string) =>
  (
    await owner.query<{ id: string; state: string }>(
      "SELECT id, state FROM evaluation_run WHERE period_id = $1 AND state <> 'live' ORDER BY version_no DESC LIMIT 1",
      [periodId],
    )
  ).rows[0];

const generate = (periodId: string) => admin.send(`/insights/runs?period=${periodId}`, { act: "generate", periodId });
const publish = (periodId: string, runId: string) =>
  admin.send(`/insights/runs?period=${periodId}`, { act: "publish", periodId, runId, checked: "on", note: "" });

/** Generates and publishes by the forms of the analytics app. */
async function publishNow(periodId: string): Promise<string> {
  const answer = await generate(periodId);
  expect(answer.status, answer.text.slice(0, 2_000)).toBe(302);
  const run = await runOf(periodId);
  if (!run) throw new Error("no preview");
  await poll("the report to be published", 240_000, async () => {
    await publish(periodId, run.id);
    return (await runOf(periodId))?.state === "sealed";
  });
  return run.id;
}

/** The secretary of a branch that the sealed report ranks, made to be one of its full members of today: chance may have moved him away. */
async function secretaryOfToday() {
  for (const [index, orgId] of college.branches.entries()) {
    const username = college.accounts[`secretary${index}`] ?? "";
    const { rows } = await owner.query<{ person_id: string }>(
      `WITH own AS (SELECT p.id, p.person_id FROM auth_user u JOIN principal p ON p.user_id = u.id WHERE u.username = $1)
       UPDATE principal SET person_id = chosen.person_id FROM own, LATERAL (
         SELECT m.person_id FROM membership m JOIN person o ON o.id = m.person_id AND o.merged_into_id IS NULL
         JOIN person_status s ON s.person_id = m.person_id AND s.identity = 'full_member' AND s.superseded_at IS NULL AND s.valid_to IS NULL
         WHERE m.org_id = $2 AND m.kind = 'direct' AND m.superseded_at IS NULL AND m.valid_to IS NULL
           AND NOT EXISTS (SELECT 1 FROM principal other WHERE other.person_id = m.person_id AND other.id <> own.id)
           AND EXISTS (SELECT 1 FROM evaluation_branch e WHERE e.period_id = $3 AND e.org_id = $2)
         ORDER BY m.person_id = own.person_id DESC, m.person_id LIMIT 1) chosen
       WHERE principal.id = own.id RETURNING principal.person_id`,
      [username, orgId, sealed.periodId],
    );
    const person = rows[0];
    if (person) return { username, orgId, personId: person.person_id };
  }
  throw new Error("no evaluated branch has a full member: take another seed");
}

/** `HH:MM` in Shanghai, moved by minutes but kept within the day. */
function clock(minutes: number): { day: string; time: string } {
  const now = new Date(Date.now() + 8 * 3_600_000);
  const at = Math.min(24 * 60 - 1, Math.max(0, now.getUTCHours() * 60 + now.getUTCMinutes() + minutes));
  const two = (part: number) => String(part).padStart(2, "0");
  return { day: now.toISOString().slice(0, 10), time: `${two(Math.floor(at / 60))}:${two(at % 60)}` };
}

/** From a draft to the closed meeting, with a scanned code in between. */
async function holdMeeting(person: Person, orgId: number, personId: string): Promise<string> {
  const id = randomUUID();
  const { day, time } = clock(-2);
  const fields = {
    kind: "member_meeting",
    title: "没有分析端的一天",
    heldOn: day,
    startTime: time,
    endTime: clock(90).time,
    // Signing in opens on the same day, just after midnight, too.
    checkInLead: Math.min(20, Number(time.slice(0, 2)) * 60 + Number(time.slice(3))),
    place: "学院楼A302",
    hostId: personId,
    recorderId: personId,
    agenda: "照常开会",
  };
  const draft = await person.call<{ version: number }>("meeting.start", { id, orgId, fields });
  const published = await person.call<{ people: number }>("meeting.publish", { id, version: draft.version });
  expect(published.people).toBeGreaterThan(0);
  const { path } = await person.call<{ path: string }>("meeting.code", { id, purpose: "in" });
  expect((await person.fetch(path)).status).toBe(303);
  const ticket = person.cookie("xianfeng.scan");
  const own = await person.call<{ state: string }>("myMeeting.check", { id, ticket });
  expect(["on_time", "late"]).toContain(own.state);
  const closed = await person.call<{ counts: { present: number; absent: number; expected: number } }>("meeting.close", {
    id,
  });
  expect(closed.counts.present).toBe(1);
  expect(closed.counts.absent).toBe(closed.counts.expected - 1);
  return id;
}

/** Imports one value by a workbook. */
async function importValue(periodId: string): Promise<{ personId: string; indicatorId: string }> {
  const { rows } = await owner.query<{ person_id: string; indicator_id: string; name: string; branch: string }>(
    `SELECT e.person_id, e.indicator_id, v.name, b.short_name AS branch FROM evaluation_entry e JOIN person_private v ON v.person_id = e.person_id
     JOIN membership m ON m.person_id = e.person_id AND m.kind = 'direct' AND m.superseded_at IS NULL AND m.valid_to IS NULL
     JOIN party_org b ON b.id = m.org_id JOIN person p ON p.id = e.person_id AND p.merged_into_id IS NULL
     WHERE e.period_id = $1 AND e.value_bp <> 8850 ORDER BY e.person_id LIMIT 1`,
    [periodId],
  );
  const one = rows[0];
  if (!one) throw new Error("nobody to import for");
  await owner.query("UPDATE person_private SET student_no = 'XF2026001' WHERE person_id = $1", [one.person_id]);
  const file = workbook([
    ["学号", "姓名", "党支部", "得分"],
    ["XF2026001", one.name, one.branch, 88.5],
  ]);
  const batchId = randomUUID();
  const input = { batchId, periodId, indicatorId: one.indicator_id, fileName: "评价数据.xlsx", file };
  const checked = await admin.call<{ counts: Record<string, number> }>("evaluation.importCheck", input);
  expect(checked.counts).toEqual({ ready: 1, refused: 0, confirm: 0, applied: 0 });
  const applied = await admin.call<{ state: string; outcome: object }>("evaluation.importApply", { batchId });
  expect(applied.outcome).toEqual({ added: 0, replaced: 1, unchanged: 0 });
  return { personId: one.person_id, indicatorId: one.indicator_id };
}

test("with the analytics side away every journey of the operational app goes on, and analytics waits without losing anything", async () => {
  freeze([...analytics, "insights"]);
  await poll("the front to tell the truth", 120_000, async () => (await admin.fetch("/readyz")).status === 503);
  expect((await admin.fetch("/healthz")).status).toBe(200);

  const { username, orgId, personId } = await secretaryOfToday();
  const secretary = await Person.signIn(platform, { username, password: college.password });
  await secretary.call("workbench.get");
  await admin.call("workbench.get");
  const members = await secretary.call<{ rows: { id: string }[] }>("member.list", {});
  expect(members.rows.length).toBeGreaterThan(0);
  const meetingId = await holdMeeting(secretary, orgId, personId);

  const [, second] = await periods();
  if (!second) throw new Error("no second period");
  const imported = await importValue(second.id);

  // What is sealed lies in PostgreSQL: it is read and taken back as ever.
  const { runId } = sealed;
  type Report = { results: { rank: number | null }[]; whole: boolean };
  const whole = await admin.call<Report>("evaluation.sealedReport", { runId });
  expect(whole.whole).toBe(true);
  expect(whole.results.filter(({ rank }) => rank !== null).length).toBeGreaterThan(0);
  const own = await secretary.call<Report>("evaluation.sealedReport", { runId });
  expect(own.whole).toBe(false);
  expect(own.results.length).toBeLessThan(whole.results.length);
  await admin.call("evaluation.retract", { runId, reason: "演练" });
  for (const person of [admin, secretary]) {
    const refused = await person.call("evaluation.sealedReport", { runId }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect((refused as Refused).code).toBe("NOT_FOUND");
  }

  const browser = await openBrowser();
  try {
    const { page, errors } = await openWindow(browser, platform.url);
    page.setDefaultTimeout(120_000);
    await signIn(page, { username, password: college.password });
    for (const path of ["/", "/members", "/meetings", `/meetings/${meetingId}`]) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(200);
      await page.getByRole("heading").first().waitFor();
      expect(await page.getByText("出了点问题").count(), path).toBe(0);
    }
    await page.getByText("没有分析端的一天").first().waitFor();
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }

  // The analytics app is back, ClickHouse is not: it says so and keeps what it was told.
  keepDown("engine");
  thaw(["insights", "stream", "warehouse", "cube"]);
  await poll("the analytics app to answer", 60_000, async () => (await admin.fetch("/insights")).status < 500);
  let began = performance.now();
  const generated = await generate(second.id);
  expect(generated.status, generated.text.slice(0, 2_000)).toBe(302);
  process.stdout.write(`generating without ClickHouse: answered after ${seconds(began)}\n`);
  const preview = await runOf(second.id);
  expect(preview?.state).toBe("preview");
  began = performance.now();
  const refused = await publish(second.id, preview?.id ?? "");
  process.stdout.write(`publishing without ClickHouse: answered after ${seconds(began)}\n`);
  expect(refused.text).toContain("分析数据暂时连接不上。已做的操作都已保存，请稍后再试");
  expect(await runOf(second.id)).toEqual(preview);

  letSupervise();
  await poll("everything to be ready again", 240_000, () => platform.status().state === "ready");
  await poll("the waiting preview to be published", 240_000, async () => {
    await publish(second.id, preview?.id ?? "");
    return (await runOf(second.id))?.state === "sealed";
  });
  await everythingArrived(meetingId, { ...imported, periodId: second.id, runId: preview?.id ?? "" });
}, 900_000);

const seconds = (began: number) => `${((performance.now() - began) / 1000).toFixed(1)} s`;

/** What was done meanwhile is in ClickHouse, and Cube ranks by it. */
async function everythingArrived(
  meetingId: string,
  imported: { personId: string; indicatorId: string; periodId: string; runId: string },
): Promise<void> {
  await untilShown(platform, owner, college.tenantId);
  const { CLICKHOUSE_HTTP_URL, CLICKHOUSE_LANDING_PASSWORD } = platform.settings;
  const landing = createClickHouse({
    url: String(CLICKHOUSE_HTTP_URL),
    user: "landing",
    password: String(CLICKHOUSE_LANDING_PASSWORD),
    tag: "e2e:without-analytics",
  });
  const attendance = await owner.query<{ id: string; state: string }>(
    "SELECT id::text, state FROM attendance WHERE meeting_id = $1 ORDER BY 1",
    [meetingId],
  );
  expect(attendance.rows.length).toBeGreaterThan(0);
  expect(
    await landing.query(
      "SELECT toString(id) AS id, state FROM raw.attendance FINAL WHERE meeting_id = {meeting:String} AND _deleted = 0 ORDER BY 1",
      { meeting: meetingId },
    ),
  ).toEqual(attendance.rows);
  expect(
    await landing.query(
      "SELECT value_bp FROM raw.evaluation_entry FINAL WHERE period_id = {period:String} AND person_id = {person:String} AND indicator_id = {indicator:String} AND _deleted = 0",
      { period: imported.periodId, person: imported.personId, indicator: imported.indicatorId },
    ),
  ).toEqual([{ value_bp: 8850 }]);
  await landing.close();
  const ranked = await rankedByHand(owner, college.tenantId);
  expect(Object.keys(ranked).length).toBeGreaterThan(0);
  const shown = await shownByCube(platform, owner, college.tenantId);
  const of = (runId: string) => Object.keys(shown).filter((key) => key.startsWith(`${runId}|`));
  expect(of(imported.runId).length, "the report that waited is shown").toBeGreaterThan(0);
  expect(of(sealed.runId), "the retracted one is not").toEqual([]);
  // Sealed rows are as they were sealed; what still moves must agree with the rows of today.
  const live = Object.fromEntries(Object.entries(shown).filter(([key]) => !key.startsWith(`${imported.runId}|`)));
  expect(live).toEqual(ranked);
}
