import { createClickHouse } from "@xianfeng/clickhouse";
import { reconcile } from "@xianfeng/stream";
import type pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { openOwner, untilShown } from "../src/analytics.ts";
import { openBrowser, openWindow, phone, signIn } from "../src/browser.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let browser: Browser;
let frozen: number | undefined;

beforeAll(async () => {
  owner = await openOwner(platform);
  await untilShown(platform, owner, 1);
  browser = await openBrowser();
});
afterEach(thaw);
afterAll(async () => {
  await browser?.close();
  await owner?.end();
});

function thaw(): void {
  if (frozen !== undefined) process.kill(frozen, "SIGCONT");
  frozen = undefined;
}

const stateOf = (page: Page, part: string) =>
  page.locator(`[data-part="${part}"]`).first().getAttribute("data-state", { timeout: 60_000 });
const untilState = (page: Page, part: string, state: string) =>
  poll(`${part} to be ${state}`, 120_000, async () => (await stateOf(page, part)) === state);

test("H6: the open page tells that a frozen stream does not answer and since when, and that it answers again", async () => {
  const { page, errors, context } = await openWindow(browser, platform.url);
  await signIn(page, platform.account("admin"), "/system/health");
  await untilState(page, "stream", "ok");
  await untilState(page, "marts", "ok");

  frozen = Number(platform.part("stream").pid);
  process.kill(frozen, "SIGSTOP");
  await untilState(page, "stream", "silent");
  expect(await page.locator('[data-part="stream"]').textContent()).toMatch(/\d\d:\d\d:\d\d 起没有回答/);
  expect(await page.locator(".hl-hero h2").textContent()).toContain("数据流没有回答");
  // What is known of ClickHouse comes from the stream: nobody claims that it is well.
  expect(await stateOf(page, "raw")).toBe("silent");
  expect(await stateOf(page, "ops")).toBe("ok");

  thaw();
  await untilState(page, "stream", "ok");
  await poll("the headline to go", 60_000, async () => {
    const headline = await page.locator(".hl-hero h2").textContent();
    return headline !== null && !headline.includes("数据流没有回答");
  });
  expect(errors).toEqual([]);
  await context.close();
});

test("H7: a row that ClickHouse refused is on the page without its values, and one click puts it in, in the trail", async () => {
  const { CLICKHOUSE_HTTP_URL, CLICKHOUSE_LANDING_PASSWORD, STREAM_DATABASE_URL } = platform.settings;
  const access = { url: String(CLICKHOUSE_HTTP_URL), user: "landing", password: String(CLICKHOUSE_LANDING_PASSWORD) };
  const landing = createClickHouse({ ...access, tag: "test" });
  const { rows } = await owner.query<{ id: string }>(
    "SELECT id FROM meeting WHERE tenant_id = 1 AND state = 'closed' ORDER BY id DESC LIMIT 1",
  );
  const id = String(rows[0]?.id);
  const { page, errors, context } = await openWindow(browser, platform.url, phone);
  try {
    await landing.command(`ALTER TABLE raw.meeting ADD CONSTRAINT test_refuses CHECK id != '${id}'`);
    await owner.query("UPDATE meeting SET updated_at = now() WHERE id = $1", [id]);
    await signIn(page, platform.account("admin"), "/system/health");
    const row = page.locator(".hl-letters tbody tr", { hasText: "meeting" });
    await row.waitFor({ timeout: 120_000 });
    expect(await row.textContent()).toContain(id);
    expect(await page.locator(".hl-hero").textContent()).toContain("没有写入分析端");
    await landing.command("ALTER TABLE raw.meeting DROP CONSTRAINT test_refuses");

    await row.getByRole("button", { name: /修\s*复/ }).click();
    await page.getByRole("button", { name: /确\s*定/ }).click();
    await poll("the row to be gone from the list", 120_000, async () => (await row.count()) === 0);
    const trail = await owner.query(
      "SELECT 1 FROM audit_event WHERE action = 'system.repair' AND subject_id = 'meeting'",
    );
    expect(trail.rows.length).toBeGreaterThan(0);
    const compared = await reconcile({
      databaseUrl: String(STREAM_DATABASE_URL),
      clickhouse: access,
      table: "meeting",
    });
    expect(compared.tables).toEqual([expect.objectContaining({ table: "meeting", differences: 0 })]);
    expect(errors).toEqual([]);
  } finally {
    await landing.command("ALTER TABLE raw.meeting DROP CONSTRAINT IF EXISTS test_refuses");
    await landing.close();
    await context.close();
  }
});

test("H8: the page is there for the system administrator alone, and the numbers of the processes for nobody outside", async () => {
  const secretary = await Person.demo(platform, "zhou");
  expect((await secretary.get("/system/health")).status).toBe(404);
  expect((await secretary.get("/")).text).not.toContain("/system/health");
  const admin = await Person.demo(platform, "admin");
  expect((await admin.get("/system/health")).status).toBe(200);
  for (const path of ["/metrics", "/metrics?x", "/%6detrics", "/insights/metrics"]) {
    expect((await admin.get(path)).status, path).toBe(404);
  }
  const inside = await fetch(`http://127.0.0.1:${platform.status().ports.OPS_PORT}/metrics`);
  expect(inside.status).toBe(200);
  expect(await inside.text()).toMatch(/^xianfeng_alarm\{code="backup_old"\} [012]$/m);
});
