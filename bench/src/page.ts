import { performance } from "node:perf_hooks";
import type pg from "pg";
import type { Page } from "playwright-core";
import { openOwner } from "../../e2e/src/analytics.ts";
import { openBrowser, openWindow, signIn } from "../../e2e/src/browser.ts";
import { Platform } from "../../e2e/src/platform.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** Milliseconds. */
export type PageFigures = {
  /** Commit returned → the number has changed on an open page, while so many changes a second are committed. */
  visible: { perSecond: number; spread: Spread }[];
  /** From the address to the ranking drawn: in a new window of a signed-in account, first and again. */
  cold: number;
  warm: Spread;
};

type Shown = { meetingId: string; attendanceId: string; others: string[] };

/**
 * Measures what a person sees, on a whole platform of its own with demo data, or on the running one that XF_E2E_STATE names.
 * @param options samples per rate (default 40), openings of the ranking (default 7)
 */
export async function benchPage(options: { samples?: number; openings?: number } = {}): Promise<PageFigures> {
  const { samples = 40, openings = 7 } = options;
  const running = process.env.XF_E2E_STATE;
  const platform = running ? Platform.at(running) : new Platform();
  try {
    if (!running) await platform.start();
    const owner = await openOwner(platform);
    const browser = await openBrowser();
    try {
      const { context, page } = await openWindow(browser, platform.url);
      await signIn(page, platform.account("cheng"));
      const cold = await timeRanking(await context.newPage());
      const warm: number[] = [];
      for (let opening = 0; opening < openings; opening += 1) warm.push(await timeRanking(page));
      const shown = await chooseMeeting(owner);
      const visible = [];
      for (const perSecond of [1, 10, 100])
        visible.push({ perSecond, spread: spreadOf(await timeVisible(page, owner, shown, perSecond, samples)) });
      return { visible, cold, warm: spreadOf(warm) };
    } finally {
      await browser.close();
      await owner.end();
    }
  } finally {
    if (!running) await platform[Symbol.asyncDispose]();
  }
}

async function timeRanking(page: Page): Promise<number> {
  const began = performance.now();
  await page.goto("/insights/ranking");
  await page.locator("table.rank-table tbody tr").first().waitFor({ timeout: 60_000 });
  return performance.now() - began;
}

/** A closed meeting of the demo with one row to switch, and rows of other meetings for the load beside it. */
async function chooseMeeting(owner: pg.Client): Promise<Shown> {
  const { rows } = await owner.query<{ meeting_id: string; id: string }>(
    `SELECT a.meeting_id, a.id FROM attendance a JOIN meeting m ON m.id = a.meeting_id
     WHERE m.state = 'closed' AND m.voided_at IS NULL AND a.should_attend AND a.state = 'on_time'
     ORDER BY m.held_on DESC, a.id LIMIT 400`,
  );
  const [first] = rows;
  if (!first) throw new Error("the demo holds no closed meeting with somebody present");
  const others = rows.filter((row) => row.meeting_id !== first.meeting_id).map((row) => row.id);
  return { meetingId: first.meeting_id, attendanceId: first.id, others };
}

const setState = (owner: pg.Client, id: string, state: string) =>
  owner.query("UPDATE attendance SET state = $2, updated_at = now() WHERE id = $1", [id, state]);

/** The figure 实到 above the table. */
const presence = '[data-number="present.all"]';
const presentOn = (page: Page) =>
  page.evaluate((figure) => Number(document.querySelector(figure)?.textContent), presence);

async function timeVisible(
  page: Page,
  owner: pg.Client,
  { meetingId, attendanceId, others }: Shown,
  perSecond: number,
  samples: number,
): Promise<number[]> {
  await setState(owner, attendanceId, "on_time");
  await page.goto(`/insights/meetings/${meetingId}`);
  await page.locator(presence).waitFor({ timeout: 60_000 });
  // The page has to have heard from the stream before the first sample.
  await new Promise((wake) => setTimeout(wake, 5_000));
  const full = await presentOn(page);
  let stopped = false;
  const load = (async () => {
    for (let at = 0; !stopped && perSecond > 1; at += 1) {
      await setState(owner, others[at % others.length] ?? "", at % 2 === 0 ? "late" : "on_time");
      await new Promise((wake) => setTimeout(wake, 1000 / (perSecond - 1)));
    }
  })();
  const times: number[] = [];
  try {
    for (let sample = 0; sample < samples; sample += 1) {
      const gone = sample % 2 === 0;
      // Spread over the second, so that samples do not fall in step with timers.
      await new Promise((wake) => setTimeout(wake, 700 + ((sample * 0.618) % 1) * 600));
      await setState(owner, attendanceId, gone ? "absent" : "on_time");
      const committed = performance.now();
      await page.waitForFunction(
        ({ figure, wanted }) => Number(document.querySelector(figure)?.textContent) === wanted,
        { figure: presence, wanted: full - (gone ? 1 : 0) },
        { polling: "raf", timeout: 60_000 },
      );
      times.push(performance.now() - committed);
    }
  } finally {
    stopped = true;
    await load;
    await setState(owner, attendanceId, "on_time");
  }
  return times;
}
