import chromium from "@sparticuz/chromium";
import { type Browser, type BrowserContext, type Page, chromium as playwright } from "playwright-core";

/** A real Chromium from the package registry, or the one that CHROMIUM_PATH names. */
async function howToLaunch() {
  const executablePath = process.env.CHROMIUM_PATH ?? (await chromium.executablePath());
  // Not the package's own arguments: they switch web security off, and pages are tested as people's browsers show them.
  const args = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
  ];
  return { executablePath, headless: true, args };
}

export const openBrowser = async (): Promise<Browser> => playwright.launch(await howToLaunch());

/** A browser whose memory lies in a folder: opened again there, it knows what it knew when it was closed. */
export const openProfile = async (folder: string, url: string, viewport = desk): Promise<BrowserContext> =>
  playwright.launchPersistentContext(folder, { ...(await howToLaunch()), ...here(url, viewport) });

const here = (baseURL: string, viewport: { width: number; height: number }) => ({
  baseURL,
  viewport,
  locale: "zh-CN",
  timezoneId: "Asia/Shanghai",
});

export const desk = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };
export const wall = { width: 1920, height: 1080 };

/** A window of its own (own cookies) whose page errors end the test that asks for them. */
export async function openWindow(
  browser: Browser,
  url: string,
  viewport = desk,
): Promise<{ context: BrowserContext; page: Page; errors: string[] }> {
  const context = await browser.newContext(here(url, viewport));
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  return { context, page, errors };
}

/** Signs in by the form, as a person does. */
export async function signIn(page: Page, account: { username: string; password: string }, next = "/"): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel("账号", { exact: true }).fill(account.username);
  await page.getByLabel("密码", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"), { timeout: 60_000 });
}
