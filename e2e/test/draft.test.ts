import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openOwner } from "../src/analytics.ts";
import { openProfile, signIn } from "../src/browser.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
const title = "没有保存完的主题党日";
const agenda = "一、学习。二、讨论没有保存完的议程。";
let owner: pg.Client;
let folder: string;
let open: BrowserContext | undefined;

beforeAll(async () => {
  owner = await openOwner(platform);
  folder = mkdtempSync(join(tmpdir(), "xianfeng-profile-"));
});
afterAll(async () => {
  await open?.close();
  const secretary = await Person.demo(platform, "zhou");
  for (const { id } of await stored()) await secretary.ask("meeting.remove", { id });
  await owner?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The browser of this computer, as it was when it was closed. */
async function openAgain(): Promise<Page> {
  await open?.close();
  open = await openProfile(folder, platform.url);
  return open.pages()[0] ?? open.newPage();
}

/** From now on nothing that this page saves arrives. */
const cutOff = (page: Page) =>
  page.route(/\/api\/trpc\/.*meeting\.(start|save)/, (route) => route.abort("connectionfailed"));

const stored = async () =>
  (
    await owner.query<{ id: string; agenda: string }>(
      "SELECT meeting_id AS id, agenda FROM meeting_body WHERE title = $1",
      [title],
    )
  ).rows;

const titleOf = (page: Page) => page.getByRole("textbox", { name: /^主题/ });
const offer = (page: Page) => page.getByText(`本机有一份没有保存完的会议“${title}”`);

/** Another account at this computer. */
async function changeTo(page: Page, username: string): Promise<void> {
  await open?.clearCookies();
  await signIn(page, platform.account(username), "/meetings/new");
  await titleOf(page).waitFor();
}

test("FA31: what was typed before the browser was closed is offered again, to its author only, before and after the first save", async () => {
  let page = await openAgain();
  await signIn(page, platform.account("zhou"), "/meetings/new");
  await titleOf(page).waitFor();
  await cutOff(page);
  await titleOf(page).fill(title);
  await page.getByText("没有保存，正在重试").first().waitFor({ timeout: 60_000 });
  expect(await stored()).toEqual([]);

  page = await openAgain();
  await changeTo(page, "wu");
  expect(await offer(page).count()).toBe(0);
  expect(await page.content()).not.toContain(title);

  await changeTo(page, "zhou");
  await offer(page).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "恢复", exact: true }).click();
  expect(await titleOf(page).inputValue()).toBe(title);
  const [draft] = await poll("the draft to be stored", 60_000, async () => {
    const rows = await stored();
    return rows.length > 0 ? rows : null;
  });
  await page.waitForURL(`**/meetings/${draft?.id}/edit`);

  await cutOff(page);
  await page.getByRole("textbox", { name: "议程" }).fill(agenda);
  await page.getByText("没有保存，正在重试").first().waitFor({ timeout: 60_000 });
  expect((await stored())[0]?.agenda).not.toContain(agenda);
  page = await openAgain();
  await changeTo(page, "wu");
  await page.goto(`/meetings/${draft?.id}/edit`);
  await titleOf(page).waitFor();
  expect(await page.getByRole("textbox", { name: "议程" }).inputValue()).not.toContain(agenda);
  await changeTo(page, "zhou");
  expect(await offer(page).count()).toBe(0);
  await page.goto(`/meetings/${draft?.id}/edit`);
  await page.getByText("没有保存完的内容").waitFor({ timeout: 60_000 });
  expect(await page.getByRole("textbox", { name: "议程" }).inputValue()).toBe(agenda);
  await poll("the agenda to be stored", 60_000, async () => (await stored())[0]?.agenda === agenda);
});
