import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { freePort } from "@xianfeng/stack/ports";
import { root } from "@xianfeng/stack/settings";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { apiKey, startResend, type TestResend } from "../../packages/mail/test/resend.ts";
import { desk, openBrowser, openWindow, phone, signIn } from "../src/browser.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";

/** A notice on its way: the member's address and wishes, the list that says it is not configured, the mail, and who looked. */
const platform = Platform.at(inject("stateDir"));
const address = "zheng.e2e@example.edu.cn";
let browser: Browser;
let resend: TestResend;
let sender: ChildProcess | undefined;

beforeAll(async () => {
  browser = await openBrowser();
  resend = await startResend();
});
afterAll(async () => {
  sender?.kill("SIGTERM");
  await browser.close();
  await resend.stop();
});

async function open(username: string, path: string, size = desk): Promise<{ page: Page; errors: string[] }> {
  const opened = await openWindow(browser, platform.url, size);
  await signIn(opened.page, platform.account(username), path);
  return opened;
}

test("a notice goes out by mail, and every screen says what is true", async () => {
  const mine = await open("zheng", "/m/me", phone);
  await mine.page.getByRole("button", { name: /^(填写|修改)$/ }).click();
  const field = mine.page.getByRole("textbox", { name: "邮箱" });
  await field.fill("zheng@example");
  await mine.page.getByRole("button", { name: "保存" }).click();
  await expect.poll(() => mine.page.getByText("邮箱地址不对").isVisible()).toBe(true);
  await field.fill(address);
  await mine.page.getByRole("button", { name: "保存" }).click();
  await mine.page.getByText("zh***@example.edu.cn").waitFor();
  // So that the mail does not wait for the morning when the test runs in the evening.
  const night = mine.page.getByRole("switch", { name: /夜间不发/ });
  if (await night.isChecked()) await night.click();
  await expect.poll(() => night.isChecked()).toBe(false);

  const secretary = await Person.demo(platform, "zhou");
  const { nodes } = (await secretary.call("org.tree", {})).data as { nodes: { id: number }[] };
  const id = randomUUID();
  const fields = {
    kind: "theme_day",
    title: "只在站内的标题",
    heldOn: new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10),
    startTime: "15:00",
    endTime: "16:30",
    place: "只在站内的地点",
    audience: "all_members",
  };
  expect((await secretary.call("meeting.start", { id, orgId: nodes[0]?.id, fields })).status).toBe(200);
  expect((await secretary.call("meeting.publish", { id, version: 1 })).status).toBe(200);

  const admin = await open("admin", "/");
  await admin.page.getByRole("link", { name: "消息发送" }).click();
  const row = admin.page.getByRole("row", { name: /郑\*.*zh\*\*\*@example\.edu\.cn/ }).first();
  await expect.poll(() => row.textContent(), { timeout: 40_000 }).toContain("未配置邮件服务，未发送");
  // The whole document, with what the server put into it for the scripts.
  await admin.page.goto("/outbox");
  expect((await admin.page.content()).match(/郑一鸣|zheng\.e2e|只在站内/g)).toBeNull();

  const { APP_DATABASE_URL = "", DATA_KEY = "", APP_URL = "" } = platform.settings;
  sender = spawn(process.execPath, [join(root, "packages/mail/src/main.ts")], {
    env: {
      APP_DATABASE_URL,
      DATA_KEY,
      APP_URL,
      RESEND_API_KEY: apiKey,
      RESEND_URL: resend.url,
      MAIL_FROM: "notice@example.edu.cn",
      MAIL_PORT: String(await freePort()),
    },
    stdio: "ignore",
  });
  await expect.poll(() => row.textContent(), { timeout: 60_000 }).toContain("已发出");
  const mails = resend.mails().filter(({ text }) => text.includes(`${APP_URL}/m/meetings/${id}`));
  expect(mails.filter(({ to }) => to === address)).toHaveLength(1);
  expect(JSON.stringify(mails)).not.toMatch(/只在站内|郑一鸣/);
  expect([...mine.errors, ...admin.errors]).toEqual([]);
});

test("a full address is shown for a reason, the page lives on, and the person reads who looked", async () => {
  const { page, errors } = await open("zhou", "/members#q=郑一鸣");
  await page.getByRole("link", { name: "郑一鸣", exact: true }).first().click();
  await page.getByRole("button", { name: /完整邮箱/ }).click();
  await page.getByRole("dialog").getByText("核对档案").click();
  await page.getByRole("dialog").getByRole("button", { name: "显示60秒" }).click();
  await page.getByText(address).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "收起" }).click();
  await expect.poll(() => page.getByText("查看完整号码").first().isVisible()).toBe(true);
  expect(errors).toEqual([]);

  const mine = await open("zheng", "/m/me", phone);
  await mine.page.getByRole("link", { name: "谁看过我的信息" }).click();
  await mine.page.getByText("周明哲查看了你的邮箱").first().waitFor();
  expect(mine.errors).toEqual([]);
});
