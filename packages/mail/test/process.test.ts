import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "@xianfeng/stack/ports";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { apiKey, startResend, type TestResend } from "./resend.ts";
import { createWorld, dataKey, type World } from "./world.ts";

let world: World;
let resend: TestResend;
let children: ChildProcess[] = [];
beforeAll(async () => {
  world = await createWorld();
  resend = await startResend();
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  await world.clear();
  resend.forget();
});
afterAll(async () => {
  await resend.stop();
  await world.close();
});

/** The process as the stack starts it, on a port that the system chooses. */
async function start(environment: Record<string, string> = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, "../src/main.ts")], {
    env: {
      PATH: process.env.PATH,
      TZ: "UTC",
      APP_DATABASE_URL: world.database.app,
      APP_URL: "http://localhost:8800",
      DATA_KEY: dataKey,
      RESEND_API_KEY: apiKey,
      RESEND_URL: resend.url,
      MAIL_FROM: "notice@example.edu.cn",
      MAIL_PORT: String(port),
      LOG_LEVEL: "debug",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += chunk));
  return {
    child,
    said: () => said,
    ended: once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
    ask: (path: string) => fetch(`http://127.0.0.1:${port}${path}`),
  };
}

/** Somebody who wants mails at any hour: the processes go by the real clock. */
const anybody = (mail: string) => world.recipient({ mail, quietHours: false });
const sent = async (id: string) => expect(await world.row(id)).toMatchObject({ state: "sent" });
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

describe("the mail process", () => {
  it("FA33: killed after the service took a mail and before it was marked: the next one marks it, and it arrives once", async () => {
    const id = await world.message(await anybody("fa33@example.edu.cn"), new Date());
    const first = await start({ XF_TEST: "1", XF_FAILPOINT: "accepted" });
    expect(await first.ended).toEqual([null, "SIGKILL"]);
    expect(resend.mails()).toHaveLength(1);
    expect(await world.row(id)).toMatchObject({ state: "waiting", attempts: 0 });
    await start();
    await eventually(() => sent(id));
    expect(resend.requests).toHaveLength(2);
    expect(new Set(resend.requests.map(({ key }) => key)).size).toBe(1);
    expect(resend.mails()).toHaveLength(1);
  });

  it("killed after it claimed a mail: the next one sends it", async () => {
    const id = await world.message(await anybody("claimed@example.edu.cn"), new Date());
    expect(await (await start({ XF_TEST: "1", XF_FAILPOINT: "claimed" })).ended).toEqual([null, "SIGKILL"]);
    expect(resend.requests).toEqual([]);
    await start();
    await eventually(() => sent(id));
    expect(resend.mails()).toHaveLength(1);
  });

  it("started twice sends every mail once, and says nothing about anybody", async () => {
    const ids: string[] = [];
    for (let no = 0; no < 8; no++)
      ids.push(await world.message(await anybody(`geheim${no}@example.edu.cn`), new Date()));
    resend.behave({ status: 500, name: "application_error" });
    const both = await Promise.all([start(), start()]);
    await eventually(async () => {
      const open = await world.owner.outboxMessage.count({ where: { state: { not: "sent" } } });
      // The one that met the broken service comes a minute later.
      expect(open).toBe(1);
    });
    expect(new Set(resend.mails().map(({ to }) => to)).size).toBe(7);
    expect(resend.requests).toHaveLength(8);
    for (const { child, ended, said } of both) {
      child.kill("SIGTERM");
      expect(await ended).toEqual([0, null]);
      expect(said()).toMatch(/"event":"started"/);
      expect(said()).not.toMatch(/geheim|example\.edu|会议|11月25/);
      expect(said()).not.toContain(apiKey);
    }
  });

  it("without a key lives, is ready, and calls nothing sent", async () => {
    const id = await world.message(await anybody("nobody@example.edu.cn"), new Date());
    const { ask } = await start({ RESEND_API_KEY: "", MAIL_FROM: "" });
    await eventually(async () => expect(await world.row(id)).toMatchObject({ state: "not_configured" }));
    await eventually(async () => expect((await ask("/readyz")).status).toBe(200));
    expect(await (await ask("/healthz")).json()).toEqual({ configured: false, problem: null });
    expect(resend.requests).toEqual([]);
  });

  it("with a wrong key is not ready, and says why without saying the key", async () => {
    await world.message(await anybody("locked@example.edu.cn"), new Date());
    const { ask, said } = await start({ RESEND_API_KEY: "re_wrong_00000000" });
    await eventually(async () => {
      const answer = await ask("/readyz");
      expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("403 invalid_api_key")]);
    });
    expect((await ask("/healthz")).status).toBe(200);
    expect(said()).not.toContain("re_wrong");
  });

  it("with a key and no sender's address refuses to start", async () => {
    const { ended, said } = await start({ MAIL_FROM: "" });
    expect((await ended)[0]).toBe(1);
    expect(said()).toContain("MAIL_FROM");
    expect(said()).not.toContain(apiKey);
  });
});
