import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "@xianfeng/stack/settings";
import type pg from "pg";
import { openOwner } from "../src/analytics.ts";
import { desk, openBrowser, openWindow, phone, signIn, wall } from "../src/browser.ts";
import { Person, publishPeriod } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

/**
 * Takes the pictures of docs/pictures from a running demo platform:
 * `STATE_DIR=.xianfeng node e2e/pictures/take.ts` (all) or with words of their names.
 */
const platform = Platform.at(process.env.STATE_DIR ?? join(root, ".xianfeng"));
const words = process.argv.slice(2);
const folder = join(root, "docs/pictures");
mkdirSync(folder, { recursive: true });

const owner: pg.Client = await openOwner(platform);
const one = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row> => {
  const { rows } = await owner.query<Row>(sql);
  if (!rows[0]) throw new Error(`nothing for: ${sql}`);
  return rows[0];
};
const branch = "(SELECT id FROM party_org WHERE tenant_id = 1 AND code = '0128-09')";
const { id: open } = await one<{ id: string }>(
  `SELECT id FROM meeting WHERE org_id = ${branch} AND state = 'published' ORDER BY starts_at LIMIT 1`,
);
const { id: draft } = await one<{ id: string }>(
  `SELECT id FROM meeting WHERE org_id = ${branch} AND state = 'draft' LIMIT 1`,
);
const { id: period } = await one<{ id: string }>(
  "SELECT id FROM evaluation_period WHERE tenant_id = 1 AND year = 2026 AND ordinal = 1",
);
const committee = await Person.demo(platform, "cheng");
const sealed = await owner.query<{ id: string }>(
  "SELECT r.id FROM evaluation_run r JOIN evaluation_report p ON p.run_id = r.id AND p.state = 'published' WHERE r.tenant_id = 1 AND r.period_id = $1",
  [period],
);
const runId = sealed.rows[0]?.id ?? (await publishPeriod(committee, period, (what, ask) => poll(what, 120_000, ask)));
const { id: indicator } = await one<{ id: string }>(
  "SELECT id FROM indicator WHERE tenant_id = 1 AND source = 'imported'",
);
const { id: orgId } = await one<{ id: number }>(`SELECT ${branch} AS id`);

type Picture = { name: string; as: string | null; path: string; sizes: ("desk" | "phone" | "wall")[] };
const both: Picture["sizes"] = ["desk", "phone"];
const pictures: Picture[] = [
  { name: "sign-in", as: null, path: "/sign-in", sizes: both },
  { name: "ops-home", as: "zhou", path: "/", sizes: both },
  { name: "ops-org", as: "cheng", path: `/orgs?id=${orgId}`, sizes: both },
  { name: "ops-members", as: "cheng", path: "/members", sizes: both },
  { name: "ops-meeting-list", as: "zhou", path: "/meetings", sizes: both },
  { name: "ops-meeting-form", as: "zhou", path: `/meetings/${draft}/edit`, sizes: both },
  { name: "ops-meeting-detail", as: "zhou", path: `/meetings/${open}`, sizes: both },
  { name: "ops-import", as: "cheng", path: `/evaluation/periods/${period}/import?indicator=${indicator}`, sizes: both },
  { name: "phone-home", as: "zheng", path: "/m", sizes: ["phone"] },
  { name: "phone-signin", as: "zheng", path: "", sizes: ["phone"] },
  { name: "insights-ranking", as: "cheng", path: "/insights/ranking", sizes: both },
  { name: "insights-runs", as: "cheng", path: `/insights/runs?period=${period}`, sizes: both },
  { name: "number-panel", as: "cheng", path: `/insights/ranking?branch=${orgId}&number=share.${orgId}`, sizes: both },
  { name: "insights-college-report", as: "cheng", path: `/insights/reports/${runId}`, sizes: both },
  { name: "insights-branch", as: "cheng", path: `/insights/branches/${orgId}`, sizes: both },
  { name: "cockpit", as: "cheng", path: "/insights/cockpit", sizes: ["wall", "desk"] },
  { name: "cockpit-number", as: "cheng", path: "/insights/cockpit?number=came.quarter", sizes: ["wall"] },
];

const viewports = { desk, phone, wall };
const browser = await openBrowser();
for (const picture of pictures.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))) {
  for (const size of picture.sizes) {
    const { page, context, errors } = await openWindow(browser, platform.url, viewports[size]);
    let { path } = picture;
    if (picture.name === "phone-signin") {
      const secretary = await Person.demo(platform, "zhou");
      await owner.query(
        "UPDATE meeting SET held_on = (now() AT TIME ZONE 'Asia/Shanghai')::date, starts_at = now() + interval '5 minutes', check_in_opens_at = now() - interval '15 minutes', late_after = now() + interval '15 minutes', ends_at = now() + interval '2 hours' WHERE id = $1",
        [open],
      );
      const code = await secretary.ask<Record<string, unknown>>("meeting.code", { id: open, purpose: "in" });
      path = String(Object.values(code).find((value) => String(value).includes("/m/meetings/"))).replace(
        /^https?:\/\/[^/]+/,
        "",
      );
    }
    if (picture.as) await signIn(page, platform.account(picture.as), picture.name === "phone-signin" ? "/m" : path);
    await page.goto(path);
    await page.waitForLoadState("networkidle", { timeout: 20_000 }).catch(() => undefined);
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    const file = join(folder, `${picture.name}-${viewports[size].width}.png`);
    await page.screenshot({ path: file });
    process.stdout.write(`${file}${errors.length > 0 ? `  ${errors.join("; ")}` : ""}\n`);
    await context.close();
  }
}
await browser.close();
await owner.end();
