import type pg from "pg";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openOwner, untilShown } from "../src/analytics.ts";
import { desk, openBrowser, openWindow, phone, signIn } from "../src/browser.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let browser: Browser;

beforeAll(async () => {
  owner = await openOwner(platform);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await owner?.end();
});

/** Today's published meeting of the demo branch. */
async function today(): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    "SELECT m.id FROM meeting m JOIN party_org o ON o.id = m.org_id WHERE m.tenant_id = 1 AND o.code = '0128-09' AND m.state = 'published' ORDER BY m.starts_at LIMIT 1",
  );
  if (!rows[0]) throw new Error("no published meeting");
  return rows[0].id;
}

test("a member signs in by phone with the code on the wall; the warehouse has it within seconds; a photographed code is refused", async () => {
  const meeting = await today();
  // However long ago the demo data were made: the meeting is now.
  await owner.query(
    "UPDATE meeting SET held_on = (now() AT TIME ZONE 'Asia/Shanghai')::date, starts_at = now() + interval '5 minutes', check_in_opens_at = now() - interval '15 minutes', late_after = now() + interval '15 minutes', ends_at = now() + interval '2 hours' WHERE id = $1",
    [meeting],
  );
  const secretary = await Person.demo(platform, "zhou");
  const code = await secretary.ask<Record<string, unknown>>("meeting.code", { id: meeting, purpose: "in" });
  const link = Object.values(code).find(
    (value): value is string => typeof value === "string" && value.includes("/m/meetings/"),
  );
  expect(link, JSON.stringify(code)).toBeDefined();
  const path = (link ?? "").replace(/^https?:\/\/[^/]+/, "");

  const { page, context, errors } = await openWindow(browser, platform.url, phone);
  // Scanned first, signed in afterwards: the fresh code is not lost on the way.
  await page.goto(path);
  await page.waitForURL(/sign-in\?next=/, { timeout: 60_000 });
  const account = platform.account("zheng");
  await page.getByLabel("账号", { exact: true }).fill(account.username);
  await page.getByLabel("密码", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByRole("button", { name: "确认签到" }).click({ timeout: 90_000 });
  await page.getByText("签到成功").waitFor({ timeout: 60_000 });
  expect(errors).toEqual([]);
  await context.close();

  const { rows } = await owner.query<{ state: string; source: string }>(
    "SELECT a.state, a.source FROM attendance a JOIN principal p ON p.person_id = a.person_id JOIN auth_user u ON u.id = p.user_id WHERE a.meeting_id = $1 AND u.username = 'zheng'",
    [meeting],
  );
  expect(rows).toEqual([{ state: "on_time", source: "code" }]);

  const old = await openWindow(browser, platform.url, phone);
  await signIn(old.page, platform.account("wu"), "/m");
  await old.page.goto(path.replace(/c=[^&]+/, "c=AAAAAAAAAAAAAAAAAAAAAA"));
  await old.page
    .getByText(/重新扫码|二维码/)
    .first()
    .waitFor({ timeout: 60_000 });
  await old.context.close();
});

test("the committee goes from the ranking to a branch, its meetings and the rows, with names; a member finds no ranking", async () => {
  await untilShown(platform, owner, 1);
  const { page, context, errors } = await openWindow(browser, platform.url, desk);
  await signIn(page, platform.account("cheng"), "/insights/ranking");
  await page.getByText("软件工程研究生第一党支部").first().waitFor({ timeout: 90_000 });
  const { rows } = await owner.query<{ org_id: number; meeting_id: string; name: string }>(
    `SELECT m.org_id, m.id AS meeting_id, (SELECT pp.name FROM attendance a JOIN person_private pp ON pp.person_id = a.person_id WHERE a.meeting_id = m.id ORDER BY a.id LIMIT 1) AS name
     FROM meeting m JOIN party_org o ON o.id = m.org_id WHERE m.tenant_id = 1 AND o.code = '0128-09' AND m.state = 'closed' AND m.voided_at IS NULL AND m.held_on >= '2026-07-01' ORDER BY m.held_on DESC LIMIT 1`,
  );
  const [target] = rows;
  if (!target) throw new Error("no meeting");
  await page.goto(`/insights/branches/${target.org_id}`);
  await page.locator(`a[href*="/insights/meetings/"]`).first().waitFor({ timeout: 90_000 });
  await page.goto(`/insights/meetings/${target.meeting_id}`);
  await page.getByText(target.name).first().waitFor({ timeout: 90_000 });
  expect(errors).toEqual([]);
  await context.close();

  const member = await Person.demo(platform, "zheng");
  for (const path of [
    "/insights/ranking",
    `/insights/branches/${target.org_id}`,
    `/insights/meetings/${target.meeting_id}`,
    "/insights/runs",
    "/insights/cockpit",
  ]) {
    const { status, text } = await member.get(path);
    expect([403, 404], path).toContain(status);
    expect(text).not.toContain(target.name);
  }
  await poll("the warehouse to know today's signing in", 120_000, async () => {
    const metrics = await (await fetch(`${platform.settings.STREAM_HEALTH_URL}/readyz`)).json();
    return JSON.stringify(metrics).includes("ready");
  });
});
