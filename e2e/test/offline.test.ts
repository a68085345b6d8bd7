import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openOwner } from "../src/analytics.ts";
import { openBrowser, openWindow, phone, signIn } from "../src/browser.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let meeting: string;
let personId: string;

/** A meeting of the demo branch that is now, made for this test, with its member on the list. */
beforeAll(async () => {
  owner = await openOwner(platform);
  const { rows } = await owner.query<{ meeting_id: string; person_id: string }>(
    `WITH like_it AS (
       SELECT m.*, a.person_id, a.org_id_then, a.identity_then FROM meeting m JOIN party_org o ON o.id = m.org_id
       JOIN attendance a ON a.meeting_id = m.id JOIN principal p ON p.person_id = a.person_id JOIN auth_user u ON u.id = p.user_id
       WHERE m.tenant_id = 1 AND o.code = '0128-09' AND u.username = 'zheng' AND a.should_attend ORDER BY m.starts_at DESC LIMIT 1),
     held AS (
       INSERT INTO meeting (tenant_id, org_id, kind, held_on, starts_at, ends_at, check_in_opens_at, late_after, audience, state, published_at, created_by)
       SELECT tenant_id, org_id, 'theme_day', (now() AT TIME ZONE 'Asia/Shanghai')::date, now() + interval '5 minutes', now() + interval '2 hours',
         now() - interval '15 minutes', now() + interval '15 minutes', 'all_members', 'published', now(), created_by FROM like_it RETURNING id, tenant_id),
     words AS (INSERT INTO meeting_body (meeting_id, tenant_id, title) SELECT id, tenant_id, '没有网络的主题党日' FROM held)
     INSERT INTO attendance (tenant_id, meeting_id, person_id, org_id_then, identity_then)
     SELECT held.tenant_id, held.id, person_id, org_id_then, identity_then FROM held, like_it RETURNING meeting_id, person_id`,
  );
  [meeting, personId] = [rows[0]?.meeting_id ?? "", rows[0]?.person_id ?? ""];
});
afterAll(async () => {
  // Other tests look for the branch's published meeting.
  await owner?.query(
    `WITH rows AS (SELECT id FROM attendance WHERE meeting_id = $1), notes AS (DELETE FROM attendance_note WHERE attendance_id IN (SELECT id FROM rows))
     DELETE FROM attendance WHERE meeting_id = $1`,
    [meeting],
  );
  await owner?.query("DELETE FROM meeting WHERE id = $1", [meeting]);
  await owner?.end();
});

const rows = async () =>
  (
    await owner.query<{ state: string; source: string | null; at: Date | null; notes: string[] }>(
      `SELECT a.state, a.source, a.checked_in_at AS at, array(SELECT n.kind FROM attendance_note n WHERE n.attendance_id = a.id) AS notes
       FROM attendance a WHERE a.meeting_id = $1 AND a.person_id = $2`,
      [meeting, personId],
    )
  ).rows;

test("FA32: a code scanned without a network is kept on the phone, sent when there is one, and once however often it is sent", async () => {
  const browser = await openBrowser();
  try {
    const { page, context, errors } = await openWindow(browser, platform.url, phone);
    await signIn(page, platform.account("zheng"), "/m");
    await poll("the worker to be there", 60_000, () =>
      page.evaluate(async () => (await navigator.serviceWorker.getRegistration("/m/"))?.active?.state === "activated"),
    );
    // Who uses this phone is noted beside; the worker keeps nothing for a stranger.
    await poll("the phone to know its user", 30_000, () =>
      page.evaluate(
        () =>
          new Promise<boolean>((resolve, reject) => {
            const asked = indexedDB.open("xianfeng-phone");
            asked.onerror = () => reject(asked.error);
            asked.onsuccess = () => {
              const me = asked.result.transaction("who").objectStore("who").get("me");
              me.onsuccess = () => resolve(me.result !== undefined);
              asked.result.close();
            };
          }),
      ),
    );
    const secretary = await Person.demo(platform, "zhou");
    const { path } = await secretary.ask<{ path: string }>("meeting.code", { id: meeting, purpose: "in" });

    await context.setOffline(true);
    const from = Date.now();
    await page.goto(path);
    await page.getByRole("heading", { name: "扫码已记下" }).waitFor();
    const until = Date.now();
    // Scanned twice, the first time counts.
    await page.goto(path);
    await page.getByRole("heading", { name: "扫码已记下" }).waitFor();
    expect(await rows()).toEqual([{ state: "pending", source: null, at: null, notes: [] }]);

    await context.setOffline(false);
    // Somebody else at this phone sends and sees nothing of it.
    await context.clearCookies();
    let sent = 0;
    page.on("request", (request) => {
      if (request.url().includes("myMeeting.checkOffline")) sent++;
    });
    await signIn(page, platform.account("wu"), "/m");
    await page.waitForLoadState("networkidle");
    expect(await page.getByText("扫的码已记下").count()).toBe(0);
    expect(sent).toBe(0);
    expect((await rows())[0]?.state).toBe("pending");

    // The first answer is lost on its way back: the server has it, the phone does not know.
    let answered = 0;
    await page.route(/\/api\/trpc\/.*myMeeting\.checkOffline/, async (route) => {
      answered++;
      const answer = await route.fetch();
      if (answered === 1) await route.abort("connectionreset");
      else await route.fulfill({ response: answer });
    });
    await context.clearCookies();
    await signIn(page, platform.account("zheng"), "/m");
    await poll("the scan to arrive", 60_000, async () => (await rows())[0]?.state === "on_time");
    await page.reload();
    await page.getByText(/的签到已送达。/).waitFor({ timeout: 60_000 });
    expect(answered).toBeGreaterThanOrEqual(2);
    const [row, ...more] = await rows();
    expect(more).toEqual([]);
    expect(row).toMatchObject({ state: "on_time", source: "offline", notes: ["offline"] });
    expect(row?.at?.getTime()).toBeGreaterThanOrEqual(from);
    expect(row?.at?.getTime()).toBeLessThanOrEqual(until);

    await page.getByRole("button", { name: "知道了" }).click();
    await page.getByText(/的签到已送达。/).waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("heading").first().waitFor();
    expect(await page.getByText(/的签到已送达。/).count()).toBe(0);
    const table = await secretary.ask<{ personId: string; source: string; notes: { kind: string }[] }[]>(
      "meeting.attendance",
      { id: meeting },
    );
    expect(table.find((one) => one.personId === personId)).toMatchObject({
      source: "offline",
      notes: [{ kind: "offline" }],
    });
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});
