import { request } from "node:http";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { type Answer, Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";

/** What arrives over the network at the one address of the running platform: headers of every page, and requests that no page makes. */
const platform = Platform.at(inject("stateDir"));
let secretary: Person;
let member: Person;
let committee: Person;
let cookie: string;

beforeAll(async () => {
  secretary = await Person.demo(platform, "zhou");
  member = await Person.demo(platform, "zheng");
  committee = await Person.demo(platform, "cheng");
  const answer = await send("POST", "/api/auth/sign-in", {
    headers: { "content-type": "application/json", origin: platform.url },
    body: JSON.stringify(platform.account("zhou")),
  });
  cookie = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
});

type Sent = { headers?: Record<string, string>; body?: string };
type Got = { status: number; headers: Record<string, unknown>; text: string };

/** A bare client: `fetch` would mend addresses and refuse some headers. */
function send(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Got> {
  return new Promise((resolve, refuse) => {
    const { hostname, port } = new URL(platform.url);
    const options = { method, path, hostname, port, headers, agent: false, timeout: 60_000 };
    const asking = request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on("error", refuse);
    });
    asking.on("error", refuse);
    asking.end(body);
  });
}
const json = () => ({ "content-type": "application/json", origin: platform.url, cookie });

/** Scripts run only with this answer's nonce; nothing may frame, sniff or keep the page. */
function expectHeaders({ headers, text }: Answer): string {
  const policy = headers.get("content-security-policy") ?? "";
  const nonce = /script-src [^;]*'nonce-([^']{16,})'/.exec(policy)?.[1] ?? "none";
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
  const inline = (text.match(/<script\b[^>]*>/g) ?? []).filter((tag) => !tag.includes(`nonce="${nonce}"`));
  expect(inline).toEqual([]);
  expect(text).not.toMatch(/<[a-z]+[^>]*\son(click|load|error|focus)=|href="javascript:/i);
  expect(Object.fromEntries(headers)).toMatchObject({
    "cache-control": expect.stringContaining("no-store"),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
  });
  expect(headers.get("x-powered-by")).toBeNull();
  return nonce;
}

describe("headers of every page", () => {
  test.each(["/", "/members", "/orgs", "/meetings", "/meetings/new", "/nowhere", "/insights/ranking"])(
    "%s as the secretary sees it",
    async (path) => {
      const [one, two] = [await secretary.get(path), await secretary.get(path)];
      expect(one.text).toContain("<html");
      expect(expectHeaders(one)).not.toBe(expectHeaders(two));
    },
  );

  test.each(["/m", "/m/meetings", "/m/notices", "/m/me", "/insights/mine"])("%s as a member sees it", async (path) => {
    expectHeaders(await member.get(path));
  });

  test("the evaluation and the runs, as the committee sees them", async () => {
    for (const path of ["/evaluation", "/insights/runs", "/insights/reports", "/insights/cockpit"])
      expectHeaders(await committee.get(path));
  });

  test("the sign-in page, before anybody is there", async () => {
    const { status, headers, text } = await send("GET", "/sign-in");
    expect(status).toBe(200);
    expectHeaders({ status, text, headers: new Headers(headers as Record<string, string>) });
  });
});

describe("without a session", () => {
  test.each(["/", "/members", "/orgs", "/meetings", "/evaluation", "/m", "/m/me", "/insights/ranking"])(
    "%s shows nothing, also to headers that once switched checks off",
    async (path) => {
      for (const headers of [
        {},
        { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" },
        { "x-nextjs-data": "1", "x-matched-path": "/sign-in" },
        { rsc: "1", "next-router-prefetch": "1" },
        { "next-action": "0".repeat(40), "x-forwarded-host": "evil.example" },
      ] as Record<string, string>[]) {
        const answer = await send("GET", path, { headers });
        expect([200, 302, 303, 307, 404]).toContain(answer.status);
        expect(`${JSON.stringify(answer.headers)}${answer.text}`).not.toMatch(
          /evil\.example|周同志|郑同志|软件工程研究生/,
        );
      }
    },
  );
});

describe("requests that no page makes", () => {
  test.each([
    ["GET", "/api/trpc/member.list?input=%7B%7D"],
    ["HEAD", "/api/trpc/member.list"],
    ["GET", "/api/auth/sign-in"],
    ["GET", "/evaluation/upload"],
  ])("%s %s: an endpoint that changes or tells answers no reading method", async (method, path) => {
    const answer = await send(method, path, { headers: { cookie } });
    expect([404, 405]).toContain(answer.status);
  });

  test.each([
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, "a=b", 415],
    ["text", { "content-type": "text/plain" }, "{}", 415],
    ["no type", { "content-type": "" }, "{}", 415],
    ["a foreign page", { origin: "https://evil.example" }, "{}", 403],
    ["a page without an address", { origin: "null" }, "{}", 403],
    ["broken JSON", {}, "{", 400],
    ["JSON that is none", {}, "\u0000", 400],
    ["more than a megabyte", {}, `{"json":{"q":"${"长".repeat(400_000)}"}}`, 413],
    ["more than the front takes", {}, `"${"a".repeat(6_100_000)}"`, 413],
    ["a key of the prototype", {}, '{"json":{"__proto__":{"size":5},"constructor":{"prototype":{}}}}', 400],
    ["a text with a zero in it", {}, '{"json":{"q":"a\\u0000b"}}', 400],
    ["half a character", {}, '{"json":{"q":"a\\ud800"}}', 400],
    ["arrays in arrays", {}, `{"json":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, 400],
  ])("a call with %s is refused", async (_, headers, body, status) => {
    const answer = await send("POST", "/api/trpc/member.list", { headers: { ...json(), ...headers }, body });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(|prisma/i);
  });

  test.each(["/api/auth/sign-in", "/api/auth/password", "/evaluation/upload"])(
    "%s takes no endless body",
    async (path) => {
      const body = JSON.stringify({ username: "x".repeat(5_900_000), password: "y" });
      expect((await send("POST", path, { headers: json(), body })).status).toBe(413);
    },
  );

  test("what is typed into an address never becomes a header or a way elsewhere", async () => {
    for (const next of ["//evil.example", "/\\evil.example", "%0d%0aset-cookie:%20stolen=1", "javascript:alert(1)"]) {
      const answer = await send("GET", `/sign-in?next=${encodeURIComponent(next)}`, { headers: { cookie } });
      expect(JSON.stringify(answer.headers)).not.toMatch(/evil\.example|stolen|javascript/);
      expect(answer.text).not.toMatch(/href="(javascript|\/\/evil)/);
    }
  });

  test.each([
    "/_next/static/..%2f..%2fpackage.json",
    "/insights/assets/%2e%2e/%2e%2e/server.ts",
    "/../../etc/passwd",
    "/members/%00",
    "/members/%E0%A4%A",
    "//evil.example/%2f..",
    "/insights%5c..%5cpackage.json",
  ])("%s leads nowhere", async (path) => {
    const answer = await send("GET", path, { headers: { cookie } });
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toMatch(/"dependencies"|root:/);
  });

  test.each([
    "/members/1'--",
    "/members/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "/meetings/x",
    "/meetings/00000000-0000-4000-8000-000000000000",
    "/orgs?id=-1&on=2026-13-45",
    "/members?org=1&org=2&page=-1",
    "/evaluation/reports/..;/x",
  ])("%s is a page that says so, without a fault and without running", async (path) => {
    const answer = await secretary.get(path);
    expect([200, 307, 400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain("<script>alert");
  });

  test("links never follow a host that a client claims", async () => {
    const answer = await send("GET", "/members", { headers: { host: "evil.example" } });
    expect(JSON.stringify(answer.headers)).not.toContain("//evil.example");
  });
});

describe("files of the build", () => {
  test("are given with their type, and sources are not", async () => {
    const page = await secretary.get("/members");
    const script = /src="(\/_next\/static\/[^"]+\.js)"/.exec(page.text)?.[1] ?? "";
    const answer = await send("GET", script);
    expect([answer.status, answer.headers["x-content-type-options"]]).toEqual([200, "nosniff"]);
    expect((await send("GET", `${script}.map`)).status).toBe(404);
    for (const path of ["/package.json", "/.env", "/.git/config", "/next.config.ts", "/insights/server.ts"])
      expect([path, [404, 302, 307].includes((await send("GET", path)).status)]).toEqual([path, true]);
  });
});

test("the seals of the trail fit, asked by the command that people use", async () => {
  const { status, output } = platform.command("audit:verify");
  expect([status, output]).toEqual([0, expect.stringContaining("✓")]);
});
