import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClickHouse } from "@xianfeng/clickhouse";
import { root } from "@xianfeng/stack/settings";
import { reconcile } from "@xianfeng/stream";
import type pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { openOwner, streamPlace, untilShown } from "../src/analytics.ts";
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
  expect(await page.locator('[data-part="stream"]').textContent()).toMatch(/\d\d:\d\d:\d\d 之后没有回答/);
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
  const place = streamPlace(platform);
  const landing = createClickHouse({ ...place.clickhouse, tag: "test" });
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
    const compared = await reconcile({ ...place, table: "meeting" });
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

/** A command as an operator calls it. */
const command = (args: string[], stateDir = platform.stateDir) =>
  new Promise<{ code: number; text: string }>((resolve) => {
    const options = { env: { ...process.env, STATE_DIR: stateDir }, timeout: 200_000 };
    execFile(process.execPath, [join(root, "packages/stack/src/cli.ts"), ...args], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, text: stdout + stderr }),
    );
  });

test("H9: tables and the whole warehouse are made anew by command, and readers of the marts never see less", async () => {
  expect(await command(["letters"])).toMatchObject({ code: 0 });
  const unknown = await command(["resync", "person_private"]);
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.text).toContain("没有这张表");
  const one = await command(["resync", "meeting"]);
  expect(one.text).toMatch(/完成[\s\S]*Equal at/);
  expect(one.code).toBe(0);

  const { CLICKHOUSE_HTTP_URL, CLICKHOUSE_CUBE_PASSWORD } = platform.settings;
  const cube = createClickHouse({
    url: String(CLICKHOUSE_HTTP_URL),
    user: "cube",
    password: String(CLICKHOUSE_CUBE_PASSWORD),
    tag: "test",
  });
  // A tenant to which nobody writes here.
  const count = async () => {
    const [row] = await cube.query<{ n: string }>(
      "SELECT toString(countIf(tenant_id = 1)) AS n FROM marts.fct_attendance",
    );
    return Number(row?.n);
  };
  const before = await count();
  expect(before).toBeGreaterThan(1_000);
  const seen: number[] = [];
  let reading = true;
  const reader = (async () => {
    while (reading) seen.push(await count());
  })();
  const whole = await command(["rebuild"]);
  reading = false;
  await reader;
  await cube.close();
  expect(whole.text).toMatch(/完成[\s\S]*数据集市已重新计算[\s\S]*Equal at/);
  expect(whole.code).toBe(0);
  expect(seen.length).toBeGreaterThan(2);
  expect(Math.min(...seen)).toBe(before);
});

test("H9: where nothing runs a command says so and changes nothing", async () => {
  const empty = mkdtempSync(join(tmpdir(), "xianfeng-nothing-"));
  try {
    for (const args of [["letters"], ["resync", "meeting"], ["rebuild"], ["repair"]]) {
      const { code, text } = await command(args, empty);
      expect(code, text).toBe(1);
      expect(text).toContain("没有在运行");
    }
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});
