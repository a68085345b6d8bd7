import { readFile } from "node:fs/promises";
import type pg from "pg";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openOwner, untilShown } from "../src/analytics.ts";
import { desk, openBrowser, openWindow, signIn, wall } from "../src/browser.ts";
import { readCsv } from "../src/csv.ts";
import { type Period, Person, publishPeriod } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let browser: Browser;
let runId: string;
let branch: number;

beforeAll(async () => {
  owner = await openOwner(platform);
  browser = await openBrowser();
  await untilShown(platform, owner, 1);
  const committee = await Person.demo(platform, "cheng");
  const period = (await committee.ask<Period[]>("evaluation.periods")).find(
    (one) => one.year === 2025 && one.ordinal === 1,
  );
  if (!period) throw new Error("no period");
  runId = await publishPeriod(committee, period.id, (what, ask) => poll(what, 120_000, ask));
  const { rows } = await owner.query<{ id: number }>(
    "SELECT id FROM party_org WHERE tenant_id = 1 AND code = '0128-09'",
  );
  branch = rows[0]?.id ?? 0;
});
afterAll(async () => {
  await browser?.close();
  await owner?.end();
});

const panelOf = (page: Page) => page.getByRole("dialog", { name: "这个数字从哪里来" });

const textOf = async (locator: Locator): Promise<string> => ((await locator.textContent()) ?? "").trim();

/** The leading number of the open panel, without and with its unit. */
const leading = (page: Page): Promise<[string, string]> =>
  panelOf(page)
    .locator(".equation .value")
    .evaluate((value) => [value.firstChild?.textContent ?? "", value.textContent ?? ""]);

/** Opens a figure as `by` does, compares the panel's number with it, closes with Esc, and finds the focus where it was. */
async function opens(page: Page, figure: Locator, by: (figure: Locator) => Promise<void>): Promise<void> {
  const [text, key] = [await textOf(figure), await figure.getAttribute("data-number")];
  await by(figure);
  await panelOf(page).waitFor();
  expect([key, await leading(page)].flat()).toContain(text);
  expect(new URL(page.url()).searchParams.get("number")).toBe(key);
  for (const part of ["是什么", "数了哪些行", "数据时点", "依据"])
    expect([key, await panelOf(page).getByRole("heading", { name: part }).count()]).toEqual([key, 1]);
  await page.keyboard.press("Escape");
  await panelOf(page).waitFor({ state: "detached" });
  expect(await figure.evaluate((element) => element === document.activeElement)).toBe(true);
}

/** One figure of every kind on the page. */
async function kinds(page: Page): Promise<Locator[]> {
  const keys = await page
    .locator("a.figure[data-number]")
    .evaluateAll((figures) =>
      figures.filter((one) => /\d/.test(one.textContent ?? "")).map((one) => one.getAttribute("data-number") ?? ""),
    );
  const first = new Map(keys.map((key) => [key.split(".")[0], key] as const).reverse());
  return [...first.values()].map((key) => page.locator(`a.figure[data-number="${key}"]`).first());
}

const press = (figure: Locator) => figure.press("Enter");
const click = (figure: Locator) => figure.click();

test("tiles, tables and drawings of a report open where their numbers come from, by mouse and by keyboard", async () => {
  const { page, context, errors } = await openWindow(browser, platform.url, desk);
  await signIn(page, platform.account("cheng"), `/insights/reports/${runId}`);
  await page.locator(".kpis a.figure").first().waitFor({ timeout: 90_000 });
  for (const tile of await page.locator(".kpis b a.figure").all()) await opens(page, tile, click);
  const shown = await kinds(page);
  expect(shown.length).toBeGreaterThanOrEqual(10);
  // A hint and a weight carry words around the number.
  for (const figure of shown)
    if (/^[\d.,%—]+$/.test(await textOf(figure)) && !(await inWeights(figure))) await opens(page, figure, press);
  // A link keeps the panel open.
  await page.goto(`/insights/reports/${runId}?number=inTop.all`);
  await panelOf(page).waitFor();
  expect((await leading(page))[0]).toBe(await textOf(page.locator('.kpis a[data-number="inTop.all"]')));
  expect(errors).toEqual([]);
  await context.close();
});

const inWeights = (figure: Locator) => figure.evaluate((element) => element.closest(".weights") !== null);

test("sums of a branch and of a meeting open, and add up to their rows", async () => {
  const { page, context, errors } = await openWindow(browser, platform.url, desk);
  await signIn(page, platform.account("zhou"), `/insights/branches/${branch}`);
  await page.locator(".sums a.figure").first().waitFor({ timeout: 90_000 });
  for (const sum of await page.locator(".sums a.figure").all()) await opens(page, sum, click);
  for (const figure of await kinds(page)) await opens(page, figure, press);
  const sum = async (key: string) =>
    Number((await textOf(page.locator(`.sums a[data-number="${key}"]`))).replace(",", ""));
  const column = (figure: string) =>
    page
      .locator(`.drill a[data-number^="${figure}."]`)
      .evaluateAll((cells) => cells.reduce((total, cell) => total + Number(cell.textContent), 0));
  expect(await sum("present.all")).toBe(await column("present"));
  expect(await sum("expected.all")).toBe(await column("expected"));
  expect(await sum("meetings.all")).toBe(await page.locator(".drill tbody tr").count());

  await page.locator(".drill tbody tr a[href*='/meetings/']").first().click();
  await page.locator(".three-sums a.figure").first().waitFor({ timeout: 90_000 });
  for (const figure of await page.locator(".three-sums a.figure").all()) await opens(page, figure, click);
  expect(errors).toEqual([]);
  await context.close();
});

test("the wall opens its numbers with arrows and Enter, readable from afar, and names nobody", async () => {
  const { page, context, errors } = await openWindow(browser, platform.url, wall);
  await signIn(page, platform.account("screen"), "/insights/cockpit");
  await page.locator(".wall-figures a.figure").first().waitFor({ timeout: 90_000 });
  await page.keyboard.press("ArrowRight");
  const first = page.locator(".wall-figures a.figure").first();
  expect(await first.evaluate((element) => element === document.activeElement)).toBe(true);
  await opens(page, first, press);
  for (const tile of await page.locator(".wall-figures a.figure").all()) await opens(page, tile, click);
  for (const figure of await kinds(page)) await opens(page, figure, press);

  await page.goto("/insights/cockpit?number=came.quarter");
  await panelOf(page).waitFor();
  const sizes = await panelOf(page)
    .locator("p, td, th, h2, h3, dd")
    .evaluateAll((all) => all.map((element) => Number.parseFloat(getComputedStyle(element).fontSize)));
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(17);
  const { rows } = await owner.query<{ name: string }>(
    "SELECT name FROM person_private WHERE tenant_id = 1 AND length(name) > 2",
  );
  const text = await page.locator("html").innerHTML();
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter(({ name }) => text.includes(name))).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});

/** Text of a table without the signs that only people read. */
const cellsOf = async (table: Locator): Promise<string[][]> => {
  const rows = await table.locator("tbody tr").all();
  return Promise.all(rows.map((row) => row.locator("td, th").allInnerTexts()));
};
const bare = (cell: string) =>
  cell === "—"
    ? ""
    : cell
        .trim()
        .replace(/(\d),(?=\d)/g, "$1")
        .replace("−", "-");

test("every chart can be read as a table and taken away as a file with the same rows", async () => {
  const { page, context, errors } = await openWindow(browser, platform.url, desk);
  await signIn(page, platform.account("cheng"), `/insights/reports/${runId}`);
  await page.locator("[data-chart]").first().waitFor({ timeout: 90_000 });
  const heat = (await page.locator(".heat td a.figure").allInnerTexts()).map((text) => text.trim());
  const charts = await page
    .locator("[data-chart]")
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-chart")));
  expect(charts).toEqual(expect.arrayContaining(["ranking", "composition", "weights"]));
  for (const chart of charts) {
    const box = page.locator(`[data-chart="${chart}"]`);
    await box.getByRole("link", { name: /看表格/ }).click();
    const table = box.locator("table.sheet");
    await table.waitFor();
    const head = await table.locator("thead th").allInnerTexts();
    const cells = await cellsOf(table);
    expect(cells.length).toBeGreaterThan(0);
    const waiting = page.waitForEvent("download");
    await box.getByRole("button", { name: /下载 CSV/ }).click();
    const file = await (await waiting).path();
    const [first, ...rest] = readCsv((await readFile(file, "utf8")).replace(/^\uFEFF/, ""));
    expect([chart, first]).toEqual([chart, head.map((cell) => cell.trim())]);
    expect([chart, rest]).toEqual([chart, cells.map((row) => row.map(bare))]);
  }
  expect(new URL(page.url()).searchParams.get("table")?.split(",")).toEqual(charts);
  // The picture and its table say the same: each share of the heat table, in its order.
  const shares = await page.locator('[data-chart="composition"] table.sheet td:last-child').allInnerTexts();
  expect(shares.map((text) => text.trim())).toEqual(heat);
  expect(errors).toEqual([]);
  await context.close();
});

test("the wall's drawings are tables too, of the same months and branches", async () => {
  const { page, context, errors } = await openWindow(browser, platform.url, wall);
  await signIn(page, platform.account("screen"), "/insights/cockpit");
  const grid = page.locator('[data-chart="duties"]');
  await grid.locator("tbody tr").first().waitFor({ timeout: 90_000 });
  const branches = await grid.locator("tbody th").allInnerTexts();
  const rates = await grid.locator("a.figure").allInnerTexts();
  await page.getByRole("link", { name: /看表格 党务工作/ }).click();
  await page.getByRole("link", { name: /看表格 各月到会率/ }).click();
  const cells = await cellsOf(grid.locator("table.sheet"));
  expect(cells.map((row) => row[0]?.trim())).toEqual(branches.map((name) => name.trim()));
  expect(cells.map((row) => row.at(-1)?.trim())).toEqual(rates.map((rate) => rate.trim()));
  expect(await page.locator('[data-chart="monthly"] table.sheet tbody tr').count()).toBe(12);
  expect(errors).toEqual([]);
  await context.close();
});

test("a file with names says who took it and is in the trail", async () => {
  const secretary = await Person.demo(platform, "zhou");
  const search = new URLSearchParams({ run: runId, branch: String(branch), indicator: "overall", format: "csv" });
  const answer = await poll("the sealed rows in Cube", 120_000, async () => {
    const got = await secretary.get(`/insights/q/branch-people?${search}`);
    return got.status === 200 && readCsv(got.text).length > 3 ? got : null;
  });
  const [mark, head, ...rows] = readCsv(answer.text.replace(/^\uFEFF/, ""));
  expect(head?.[0]).toBe("姓名");
  expect(rows.length).toBeGreaterThan(5);
  for (const part of ["内部资料", "（zhou）", "2025年上半年第"]) expect(mark?.[0]).toContain(part);
  const { rows: events } = await owner.query<{ username: string; fields: string[] }>(
    `SELECT u.username, e.fields FROM audit_event e JOIN principal p ON p.id = e.principal_id JOIN auth_user u ON u.id = p.user_id
     WHERE e.action = 'evaluation.export' AND e.subject_id = $1 AND e.org_id = $2`,
    [runId, branch],
  );
  expect(events.length).toBeGreaterThan(0);
  expect(new Set(events.map(({ username, fields }) => `${username} ${fields}`))).toEqual(new Set(["zhou name"]));
});
