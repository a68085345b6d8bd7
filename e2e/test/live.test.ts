import type pg from "pg";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openOwner, untilShown } from "../src/analytics.ts";
import { openBrowser, openWindow, signIn } from "../src/browser.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let browser: Browser;

beforeAll(async () => {
  owner = await openOwner(platform);
  await untilShown(platform, owner, 1);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await owner?.end();
});

type Target = { meeting_id: string; person_id: string; org_id: number };

/** An absence of the secretary's branch in the running period, at a meeting that counts. */
async function absence(skip: number): Promise<Target> {
  const { rows } = await owner.query<Target>(
    `SELECT a.meeting_id, a.person_id, m.org_id FROM attendance a JOIN meeting m ON m.id = a.meeting_id JOIN party_org o ON o.id = m.org_id
     WHERE a.tenant_id = 1 AND o.code = '0128-09' AND m.state = 'closed' AND m.voided_at IS NULL AND a.state = 'absent' AND a.should_attend AND m.held_on >= '2026-07-01'
     ORDER BY m.held_on DESC, a.id OFFSET $1 LIMIT 1`,
    [skip],
  );
  if (!rows[0]) throw new Error("no absence to correct");
  return rows[0];
}

test("one corrected attendance changes the open page by the event, without navigation, reload or a short timer", async () => {
  const secretary = await Person.demo(platform, "zhou");
  const target = await absence(0);
  const { page, errors, context } = await openWindow(browser, platform.url);
  await context.addInitScript(() => {
    const known = window as unknown as { intervals: number[] };
    known.intervals = [];
    const real = window.setInterval;
    window.setInterval = ((handler: TimerHandler, delay?: number, ...rest: unknown[]) => {
      known.intervals.push(delay ?? 0);
      return real(handler, delay, ...rest);
    }) as typeof window.setInterval;
  });
  await signIn(page, platform.account("cheng"), `/insights/meetings/${target.meeting_id}`);
  const status = page.getByRole("status").first();
  await poll("the page to say it is live", 60_000, async () => (await status.textContent())?.includes("实时"));
  const before = await page.locator("main").textContent();
  let navigations = 0;
  page.on("framenavigated", () => {
    navigations++;
  });
  await page.evaluate(() => {
    (window as unknown as { untouched: boolean }).untouched = true;
  });

  await secretary.ask("meeting.correct", {
    id: target.meeting_id,
    personId: target.person_id,
    state: "on_time",
    reason: "核对签到表后更正",
  });
  const after = await poll("the figure to change by itself", 90_000, async () => {
    const text = (await page.locator("main").textContent()) ?? "";
    return text !== before && !text.includes("更新中") ? text : null;
  });
  expect(after).not.toBe(before);
  expect(navigations).toBe(0);
  expect(await page.evaluate(() => (window as unknown as { untouched?: boolean }).untouched)).toBe(true);
  const intervals = await page.evaluate(() => (window as unknown as { intervals: number[] }).intervals);
  expect(intervals.filter((delay) => delay < 30_000)).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});

test("with the event route blocked the figures stay and the page says how old it is", async () => {
  const secretary = await Person.demo(platform, "zhou");
  const target = await absence(0);
  const { page, context } = await openWindow(browser, platform.url);
  await context.route("**/insights/events", (route) => route.abort());
  await signIn(page, platform.account("cheng"), `/insights/meetings/${target.meeting_id}`);
  const rows = page.locator("main table").first();
  await rows.waitFor();
  const before = await rows.textContent();
  await secretary.ask("meeting.correct", {
    id: target.meeting_id,
    personId: target.person_id,
    state: "on_time",
    reason: "核对签到表后更正",
  });
  await poll("the page to say that it is old", 150_000, async () =>
    (await page.getByRole("status").first().textContent())?.includes("未更新"),
  );
  expect(await rows.textContent()).toBe(before);
  await context.close();
});
