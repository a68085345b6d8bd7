import { permissions } from "@xianfeng/auth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { figureMembers } from "../app/figures.ts";
import routes from "../app/routes.ts";
import { actions } from "../server/actions.ts";
import { openRoutes, pages } from "../server/pages/index.ts";
import { queries } from "../server/query/index.ts";
import { type Platform, startPlatform } from "./platform.ts";

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

type RouteEntry = { file: string; path?: string; children?: RouteEntry[] };
const flat = (entries: RouteEntry[]): RouteEntry[] =>
  entries.flatMap((entry) => [entry, ...flat(entry.children ?? [])]);
const nameOf = (entry: RouteEntry) => entry.file.replace(/^.*\//, "").replace(/\.tsx?$/, "");

describe("the registry", () => {
  it("names every route once: with its one permission, or among those that need a session only", () => {
    const names = flat(routes as RouteEntry[]).map(nameOf);
    expect([...names].sort()).toEqual([...Object.keys(pages), ...openRoutes].sort());
  });

  it("binds every page, query and action to exactly one permission that exists", () => {
    for (const [name, { permission }] of Object.entries({ ...pages, ...queries, ...actions }))
      expect(Object.hasOwn(permissions, permission), `${name}: ${permission}`).toBe(true);
  });

  it("reads every figure from named members of one view; only organisations are counted from the tree", () => {
    for (const [figure, members] of Object.entries<readonly string[]>(figureMembers))
      expect([figure, new Set(members.map((member) => member.split(".")[0])).size]).toEqual([
        figure,
        figure === "orgs" ? 0 : 1,
      ]);
  });
});

const documents = [
  "/insights",
  "/insights/",
  "/insights/ranking",
  "/insights/runs",
  "/insights/reports",
  "/insights/mine",
  "/insights/cockpit",
  "/insights/nowhere",
];
const dataPaths = [
  "/insights/_.data",
  "/insights/ranking.data",
  "/insights/runs.data",
  "/insights/q/branch-ranking?run=x",
  "/insights/q/nope",
  "/insights/events",
  "/insights/__manifest?p=/ranking",
  "/insights.data",
];

describe("without a session", () => {
  it.each(documents)("%s leads to the sign-in page and back", async (path) => {
    const answer = await platform.get(path);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
    expect(await answer.text()).toBe("");
  });

  it.each(dataPaths)("%s is told 401", async (path) => expect((await platform.get(path)).status).toBe(401));

  it("nothing can be posted", async () =>
    expect((await platform.post("/insights/runs", { act: "generate" })).status).toBe(401));

  it.each(["xianfeng.session_token=abc.def", "xianfeng.session_token=", "other=1"])(
    "a cookie like %s is none",
    async (cookie) => expect((await platform.get("/insights/ranking.data", undefined, { cookie })).status).toBe(401),
  );

  it("health and files of the build answer", async () => {
    expect((await platform.get("/readyz")).status).toBe(200);
    const mark = await platform.get("/insights/mark.svg");
    expect([mark.status, mark.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
    expect((await platform.get("/insights/assets/../../server.ts")).status).not.toBe(200);
    expect((await platform.get("/insights/assets/nope.js")).status).toBe(404);
  });
});

// Written by hand from the table of roles, so that a change of either is noticed.
const expected: Record<string, Record<string, number>> = {
  cheng: { "/ranking": 200, "/runs": 200, "/reports": 200, "/mine": 403, "/cockpit": 200 },
  ning: { "/ranking": 200, "/runs": 403, "/reports": 200, "/mine": 403, "/cockpit": 200 },
  zhou: { "/ranking": 200, "/runs": 403, "/reports": 200, "/mine": 200, "/cockpit": 403 },
  wu: { "/ranking": 200, "/runs": 403, "/reports": 200, "/mine": 200, "/cockpit": 403 },
  zheng: { "/ranking": 403, "/runs": 403, "/reports": 403, "/mine": 200, "/cockpit": 403 },
  screen: { "/ranking": 403, "/runs": 403, "/reports": 403, "/mine": 403, "/cockpit": 200 },
  admin: { "/ranking": 403, "/runs": 403, "/reports": 403, "/mine": 403, "/cockpit": 403 },
};

describe("with a session", () => {
  for (const [user, table] of Object.entries(expected)) {
    it(`${user} gets just the pages of the own roles, as document and as data`, async () => {
      for (const [path, status] of Object.entries(table)) {
        expect([path, (await platform.get(`/insights${path}`, user)).status]).toEqual([path, status]);
        expect([path, (await platform.get(`/insights${path}.data`, user)).status]).toEqual([
          path,
          status === 200 ? 200 : 403,
        ]);
      }
    });
  }

  it("no answer with data is kept by a browser or a proxy, or runs a foreign script", async () => {
    const answer = await platform.get("/insights/ranking", "cheng");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const policy = answer.headers.get("content-security-policy") ?? "";
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "none";
    const scripts = (await answer.text()).match(/<script\b[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
    expect(policy).not.toContain("'unsafe-inline' 'nonce");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("a named query needs its own permission, whatever the page", async () => {
    const run = await liveRun();
    for (const user of ["zheng", "screen", "admin"])
      expect([user, (await platform.get(`/insights/q/branch-ranking?run=${run}`, user)).status]).toEqual([user, 403]);
    expect((await platform.get("/insights/q/wall", "zhou")).status).toBe(403);
    // Allowed, and told that the analytics side is away.
    const away = await platform.get(`/insights/q/branch-ranking?run=${run}`, "cheng");
    expect([away.status, (await away.json()).kind]).toEqual([503, "away"]);
  });

  it.each([
    ["nope", 404],
    ["toString", 404],
    ["branch-ranking", 400],
    ["branch-ranking?run=*", 400],
    ["branch-ranking?run=", 400],
    ["branch-ranking?run=a&run=b", 400],
    ["branch-ranking?run=00000000-0000-4000-8000-000000000000", 404],
    ["branch-ranking?run=00000000-0000-4000-8000-000000000000&org=1", 400],
    ["branch-ranking?run=00000000-0000-4000-8000-000000000000&format=xml", 400],
    ["branch-ranking?run=00000000-0000-4000-8000-000000000000&after=9999-99-99", 400],
    ["wall?month=2026-11", 400],
  ])("the query %s is answered %d", async (path, status) =>
    expect((await platform.get(`/insights/q/${path}`, "cheng")).status).toBe(status),
  );

  it.each([
    "?period=2026-13-45",
    "?run=*",
    "?run=%00",
    "?run=a&run=b",
    "?period=<script>alert(1)</script>",
    `?run=${"a".repeat(1000)}`,
  ])("a page with %s says that there is nothing, and nothing of it runs", async (search) => {
    const answer = await platform.get(`/insights/ranking${search}`, "cheng");
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain("<script>alert");
  });

  it("an indicator, branch or number that does not exist changes nothing", async () => {
    for (const search of ["?indicator=nope", "?branch=999999", "?branch=abc", "?number=share.999999", "?number=<b>"])
      expect((await platform.get(`/insights/ranking${search}`, "cheng")).status).toBe(200);
  });

  it("a header cannot speak for React Router or the front", async () => {
    const spoofed = {
      "x-react-router-spa-mode": "yes",
      "x-react-router-prerender-data": encodeURIComponent("[1]"),
      "x-forwarded-host": "evil.example",
    };
    const text = await (await platform.get("/insights/ranking", "zhou", spoofed)).text();
    expect(text).toContain("支部排名");
    expect(text).not.toContain("evil.example");
  });

  it("pages stand while the analytics side is away", async () => {
    for (const path of ["/ranking", "/runs", "/cockpit"]) {
      const answer = await platform.get(`/insights${path}`, "cheng");
      expect([path, answer.status]).toEqual([path, 200]);
    }
  });
});

describe("doing something", () => {
  it("is refused to foreign pages, whoever is signed in", async () => {
    const form = { act: "generate", periodId: await newestPeriod() };
    for (const origin of ["https://evil.example", "null", ""])
      expect([origin, (await platform.post("/insights/runs", form, "cheng", { origin })).status]).toEqual([
        origin,
        403,
      ]);
    expect(await platform.owner.evaluationRun.count({ where: { state: "preview" } })).toBe(0);
  });

  it("needs the permission of the act itself", async () => {
    const periodId = await newestPeriod();
    for (const act of ["generate", "publish", "retract", "discard"]) {
      const form = { act, periodId, runId: await liveRun(), reason: "x", note: "", checked: "on" };
      for (const user of ["zhou", "zheng", "ning", "admin"]) {
        const answer = await platform.post("/insights/runs.data", form, user);
        expect([act, user, (await answer.text()).includes("的权限")]).toEqual([act, user, true]);
      }
    }
    expect(await platform.owner.evaluationRun.count({ where: { state: { not: "live" } } })).toBe(0);
  });

  it("knows its own acts only, and their exact forms", async () => {
    const periodId = await newestPeriod();
    for (const form of [
      { act: "toString", periodId },
      { act: "drop", periodId },
      { act: "generate" },
      { act: "generate", periodId, role: "admin" },
    ]) {
      await platform.post("/insights/runs.data", form as Record<string, string>, "cheng");
      expect(await platform.owner.evaluationRun.count({ where: { state: "preview" } })).toBe(0);
    }
  });

  it("takes no endless form", async () =>
    expect(
      (await platform.post("/insights/runs", { act: "retract", reason: "x".repeat(100_000) }, "cheng")).status,
    ).toBe(413));
});

describe("a revoked right", () => {
  it("acts with the next request", async () => {
    const principal = await platform.owner.principal.findFirstOrThrow({ where: { displayName: { contains: "宁" } } });
    expect((await platform.get("/insights/reports", "ning")).status).toBe(200);
    await platform.owner.roleAssignment.deleteMany({ where: { principalId: principal.id } });
    expect((await platform.get("/insights/reports", "ning")).status).toBe(403);
    await platform.owner.principal.update({ where: { id: principal.id }, data: { disabledAt: new Date() } });
    expect((await platform.get("/insights/reports", "ning")).status).toBe(302);
    expect((await platform.get("/insights/reports.data", "ning")).status).toBe(401);
  });
});

const newestPeriod = async () =>
  (await platform.owner.evaluationPeriod.findFirstOrThrow({ orderBy: [{ year: "desc" }, { ordinal: "desc" }] })).id;
const liveRun = async () =>
  (await platform.owner.evaluationRun.findFirstOrThrow({ where: { periodId: await newestPeriod(), state: "live" } }))
    .id;
