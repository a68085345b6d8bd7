import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { createFront } from "@xianfeng/stack/front";
import { limits } from "@xianfeng/trpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Platform, startPlatform } from "./platform.ts";

let platform: Platform;
let front: ReturnType<typeof createFront>;
let url: string;

/** The app as people reach it: behind the front, whose headers count. */
beforeAll(async () => {
  platform = await startPlatform();
  const port = Number(new URL(platform.url).port);
  front = createFront({ opsPort: 9, insightsPort: port, publicUrl: platform.url, status: () => undefined });
  await new Promise<void>((ready) => front.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
});
afterAll(async () => {
  front?.close();
  front?.closeAllConnections();
  await platform?.close();
});

const get = (path: string, user?: string, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    redirect: "manual",
    headers: { ...(user ? { cookie: platform.cookies[user] ?? "" } : {}), ...headers },
  });
const post = (path: string, body: BodyInit, user: string, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: platform.cookies[user] ?? "", origin: url, ...headers },
    body,
  });

describe("every answer", () => {
  it.each([
    ["a page", "/insights/ranking", "cheng", 200],
    ["a page that is refused", "/insights/runs", "zhou", 403],
    ["a page that is not there", "/insights/nowhere", "cheng", 404],
    ["the wall", "/insights/cockpit", "screen", 200],
  ])(
    "%s: no script without the nonce of this answer, nowhere to frame it, kept by nobody",
    async (_, path, user, status) => {
      const [one, two] = [await get(path, user), await get(path, user)];
      expect(one.status).toBe(status);
      const policy = one.headers.get("content-security-policy") ?? "";
      const nonce = /script-src 'self' 'nonce-([^']{16,})'(?:;| )/.exec(policy)?.[1] ?? "none";
      expect(two.headers.get("content-security-policy")).not.toContain(nonce);
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
      expect(scripts).not.toMatch(/unsafe-|\*|https?:|data:/);
      for (const rule of [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
      ])
        expect(policy).toContain(rule);
      const html = await one.text();
      const inline = (html.match(/<script\b[^>]*>/g) ?? []).filter((tag) => !tag.includes(`nonce="${nonce}"`));
      expect(inline).toEqual([]);
      expect(html).not.toMatch(/<[^>]+\son[a-z]+=|href="javascript:/i);
      expect(Object.fromEntries(one.headers)).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
      });
      expect(one.headers.get("x-powered-by")).toBeNull();
    },
  );

  it.each([
    ["/insights/ranking", undefined, 302],
    ["/insights/ranking.data", undefined, 401],
    ["/insights/q/nope", "cheng", 404],
    ["/insights/assets/nope.js", undefined, 404],
  ])("%s for %s: refusals are sniffed, framed and kept by nobody either", async (path, user, status) => {
    const answer = await get(path, user);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    });
  });
});

describe("bad requests", () => {
  const form = new URLSearchParams({ a: "b" });
  it.each([
    [
      "a form without end",
      () => post("/insights/runs", new URLSearchParams({ act: "x".repeat(100_000) }), "cheng"),
      [413],
    ],
    [
      "JSON where a form belongs",
      () => post("/insights/runs", "{", "cheng", { "content-type": "application/json" }),
      [415],
    ],
    [
      "a multipart form that breaks off",
      () =>
        post("/insights/runs", "--x\r\ncontent-disposition: form-data", "cheng", {
          "content-type": "multipart/form-data; boundary=x",
        }),
      [415],
    ],
    ["a post to a data address", () => post("/insights/q/branch-ranking", form, "cheng"), [400, 404, 405]],
    ["a post to an event stream", () => post("/insights/events", form, "cheng"), [405]],
    ["a post to a file of the build", () => post("/insights/mark.svg", "a=b", "cheng"), [405]],
    [
      "a foreign page",
      () => post("/insights/runs", "act=generate", "cheng", { origin: "https://evil.example" }),
      [403],
    ],
  ])("%s: refused in words, nothing told of the inside", async (_, send, statuses) => {
    const answer = await send();
    const text = await answer.text();
    expect(text).not.toMatch(/node_modules|at \w+ \(|\.ts:\d/);
    expect(statuses).toContain(answer.status);
  });

  it("a host that is not ours changes no link", async () => {
    const answer = await new Promise<{ location: string; body: string }>((resolve, refuse) => {
      const asking = request(`${url}/insights/ranking`, { headers: { host: "evil.example" } }, (found) => {
        let body = "";
        found.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        found.on("end", () => resolve({ location: String(found.headers.location), body }));
      });
      asking.on("error", refuse).end();
    });
    expect(answer.location).toMatch(/^\/sign-in\?next=/);
    expect(JSON.stringify(answer)).not.toContain("evil.example");
  });
});

describe("taking tables away", () => {
  it("is limited for each account: 429, when to come again, in Chinese; pages go on", async () => {
    const principal = await platform.owner.principal.findFirstOrThrow({ where: { user: { username: "zhou" } } });
    const length = limits.export.seconds * 1000;
    const window = Math.floor(Date.now() / length) * length;
    await platform.owner.callCount.createMany({
      data: [window - length, window, window + length].map((since) => ({
        what: "export",
        who: `account ${principal.id}`,
        since: new Date(since),
        calls: limits.export.account,
      })),
    });
    const csv = "/insights/q/branch-ranking?run=00000000-0000-4000-8000-000000000000&format=csv";
    const refused = await get(csv, "zhou");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({
      kind: "too_many",
      message: expect.stringMatching(/导出太频繁，请在.*后再试/),
    });
    expect((await get("/insights/ranking", "zhou")).status).toBe(200);
    expect((await get(csv, "cheng")).status).toBe(404);
    // The front says who asks; a claim of the browser's own is thrown away.
    expect((await get(csv, "cheng", { "x-forwarded-for": "192.0.2.1" })).status).toBe(404);
    const counted = await platform.owner.callCount.findMany({ where: { who: { startsWith: "address" } } });
    expect(new Set(counted.map((row) => row.who))).toEqual(new Set(["address 127.0.0.1"]));
  });
});
