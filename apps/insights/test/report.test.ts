import type { RunResult, RunRows, RunValue } from "@xianfeng/trpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Platform, startPlatform } from "./platform.ts";

let platform: Platform;
let periodId: string;
let own: { branch: number; person: string; foreign: string; foreignName: string };

beforeAll(async () => {
  platform = await startPlatform();
  const { owner } = platform;
  const period = await owner.evaluationPeriod.findFirstOrThrow({
    orderBy: [{ year: "desc" }, { ordinal: "desc" }],
    where: { entries: { some: {} } },
    include: { branches: true },
  });
  periodId = period.id;
  const zheng = await owner.principal.findFirstOrThrow({ where: { user: { username: "zheng" } } });
  const membership = await owner.membership.findFirstOrThrow({
    where: { personId: zheng.personId ?? "", kind: "direct", supersededAt: null, validTo: null },
  });
  const branches = [
    membership.orgId,
    ...period.branches.map(({ orgId }) => orgId).filter((orgId) => orgId !== membership.orgId),
  ].slice(0, 3);
  const people = await owner.membership.findMany({
    where: { orgId: { in: branches }, kind: "direct", supersededAt: null, validTo: null },
    include: { person: { include: { private: true } } },
  });
  platform.sealed.rows = rowsFor(
    period.orgId,
    branches,
    people.map((one) => ({ id: one.personId, orgId: one.orgId })),
  );
  const foreign = people.find((one) => one.orgId === branches[1]);
  own = {
    branch: membership.orgId,
    person: zheng.personId ?? "",
    foreign: foreign?.personId ?? "",
    foreignName: foreign?.person.private?.name ?? "",
  };
});
afterAll(() => platform?.close());

/** Rows of a small run, by hand: everybody ranked one after the other, the last one without a value. */
function rowsFor(college: number, branches: number[], people: { id: string; orgId: number }[]): RunRows {
  const ranked = people.length - 1;
  const values: RunValue[] = people.map(({ id, orgId }, index) => ({
    subjectKind: "person",
    subjectId: id,
    indicatorCode: "attendance_rate",
    groupOrgId: orgId,
    valueNum: index < ranked ? String(people.length - index) : null,
    valueDen: index < ranked ? String(people.length) : null,
  }));
  const results = ["overall", "attendance_rate", "theory_learning"].flatMap((indicatorCode): RunResult[] => [
    ...people.flatMap(({ id, orgId }, index): RunResult[] => {
      const shared = {
        subjectKind: "person",
        subjectId: id,
        indicatorCode,
        groupOrgId: orgId,
        scoreNum: index < ranked ? String(people.length - index) : null,
        scoreDen: index < ranked ? String(people.length) : null,
        prevRank: null,
        isTop: index < ranked / 5,
      };
      const place = people.filter((other, at) => other.orgId === orgId && at <= index).length;
      return [
        {
          ...shared,
          populationKind: "college",
          populationOrgId: college,
          rank: index < ranked ? index + 1 : null,
          ofN: ranked,
        },
        {
          ...shared,
          populationKind: "branch",
          populationOrgId: orgId,
          rank: index < ranked ? place : null,
          ofN: place,
        },
      ];
    }),
    ...branches.map(
      (orgId, index): RunResult => ({
        populationKind: "college",
        populationOrgId: college,
        subjectKind: "branch",
        subjectId: String(orgId),
        indicatorCode,
        groupOrgId: orgId,
        scoreNum: String(branches.length - index),
        scoreDen: "10",
        rank: index + 1,
        ofN: branches.length,
        isTop: false,
        prevRank: null,
      }),
    ),
  ]);
  return { asOfLsn: String(2n ** 60n), asOf: "2026-11-22T00:00:00.000Z", values, results };
}

const body = async (path: string, user: string) => (await platform.get(`/insights${path}`, user)).text();
const status = async (path: string, user: string) => (await platform.get(`/insights${path}`, user)).status;
const previewId = async () => (await platform.owner.evaluationRun.findFirstOrThrow({ where: { state: "preview" } })).id;
/** Ids and nonces differ from answer to answer; everything else of two refusals must be alike. */
const plain = (html: string) =>
  html
    .replace(/nonce="[^"]*"/g, "")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
    .replace(/\\"nonce\\",\\"[^"\\]*\\"/g, "");

describe("from a preview to a retracted report", () => {
  let runId: string;

  it("a preview is made once, for the committee only", async () => {
    const answers = await Promise.all(
      [1, 2].map(() => platform.post("/insights/runs", { act: "generate", periodId }, "cheng")),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(302);
      expect(answer.headers.get("location")).toBe(`/insights/runs?period=${periodId}`);
    }
    runId = await previewId();
    expect(await status(`/ranking?run=${runId}`, "cheng")).toBe(200);
    expect(await status(`/ranking?run=${runId}`, "zhou")).toBe(404);
    expect(await status(`/q/preview-ranking?run=${runId}`, "zhou")).toBe(403);
    expect(await status(`/q/branch-ranking?run=${runId}`, "zhou")).toBe(404);
    expect(await status(`/reports/${runId}`, "cheng")).toBe(404);
  });

  it("publishing waits while the analytics side is away, and loses nothing", async () => {
    platform.sealed.away = true;
    const form = { act: "publish", periodId, runId, note: "首次发布", checked: "on" };
    const answer = await platform.post("/insights/runs.data", form, "cheng");
    expect(await answer.text()).toContain("已做的操作都已保存");
    expect(await body(`/runs?period=${periodId}`, "cheng")).toContain("分析数据暂时连接不上");
    expect((await platform.owner.evaluationRun.findUniqueOrThrow({ where: { id: runId } })).state).toBe("preview");
    platform.sealed.away = false;
  });

  it("publishing needs the box to be ticked", async () => {
    const answer = await platform.post("/insights/runs.data", { act: "publish", periodId, runId, note: "" }, "cheng");
    expect(await answer.text()).toContain("我已核对");
    expect((await platform.owner.evaluationRun.findUniqueOrThrow({ where: { id: runId } })).state).toBe("preview");
  });

  it("publishing twice at once is publishing once", async () => {
    const form = { act: "publish", periodId, runId, note: "首次发布<script>alert(1)</script>", checked: "on" };
    await Promise.all([1, 2].map(() => platform.post("/insights/runs", form, "cheng")));
    expect(await platform.owner.evaluationReport.count({ where: { runId } })).toBe(1);
    const rows = platform.sealed.rows?.results.length;
    expect(await platform.owner.evaluationResult.count({ where: { runId } })).toBe(rows);
  });

  it("the committee reads all of it, with names; a note is text", async () => {
    const html = await body(`/reports/${runId}`, "cheng");
    expect(html).toContain("学院党委评价报告");
    expect(html).toContain(own.foreignName);
    expect(html).toContain("首次发布&lt;script&gt;");
    expect(html).not.toContain("<script>alert(1)");
  });

  it("a branch reads its own part: nobody of another branch, in markup or in data", async () => {
    const html = await body(`/reports/${runId}`, "zhou");
    expect(html).toContain("党支部评价报告");
    expect(html).not.toContain(own.foreign);
    expect(html).not.toContain(own.foreignName);
    expect(await body(`/reports/${runId}.data`, "zhou")).not.toContain(own.foreign);
  });

  it("a member reads the own line and nobody else's", async () => {
    expect(await body("/mine", "zheng")).toContain(`/insights/mine/${runId}`);
    const html = await body(`/mine/${runId}.data`, "zheng");
    expect(html).toContain(own.person);
    const others = (platform.sealed.rows?.values ?? [])
      .map(({ subjectId }) => subjectId)
      .filter((id) => id !== own.person);
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((id) => html.includes(id))).toEqual([]);
    expect(await status(`/reports/${runId}`, "zheng")).toBe(403);
    expect([await status(`/mine/${runId}`, "he"), 404]).toEqual([
      404,
      await status("/mine/00000000-0000-4000-8000-000000000000", "he"),
    ]);
  });

  it("retracting needs a reason", async () => {
    for (const reason of ["", "   "]) {
      const answer = await platform.post("/insights/runs.data", { act: "retract", periodId, runId, reason }, "cheng");
      expect(await answer.text()).toContain("请填写撤回原因");
    }
    expect(await status(`/reports/${runId}`, "zhou")).toBe(200);
  });

  it("retracting acts with the next request: for everybody else it never was", async () => {
    await platform.post("/insights/runs", { act: "retract", periodId, runId, reason: "数据有误" }, "cheng");
    const never = "00000000-0000-4000-8000-000000000000";
    for (const path of ["/reports/", "/ranking?run=", "/q/branch-ranking?run=", "/q/branch-ranking?format=csv&run="])
      for (const user of ["zhou", "he", "ning"]) {
        expect([path, user, await status(path + runId, user)]).toEqual([path, user, 404]);
        expect(plain(await body(path + runId, user))).toBe(plain(await body(path + never, user)));
      }
    expect(await status(`/reports/${runId}.data`, "zhou")).toBe(404);
    expect(await status(`/mine/${runId}`, "zheng")).toBe(404);
    expect(await body("/mine", "zheng")).not.toContain(runId);
    expect(await body("/reports", "zhou")).not.toContain(runId);
  });

  it("the committee sees that it was retracted and why, and no data", async () => {
    for (const path of [`/reports/${runId}`, `/ranking?run=${runId}`]) {
      const html = await body(path, "cheng");
      expect(html).toContain("报告已撤回");
      expect(html).toContain("数据有误");
      expect(html).not.toContain(own.foreign);
    }
    expect(await status(`/q/branch-ranking?run=${runId}`, "cheng")).toBe(404);
    expect(await status(`/q/branch-people?run=${runId}&branch=${own.branch}&indicator=overall`, "cheng")).toBe(404);
  });

  it("retracting twice is retracting once", async () => {
    await platform.post("/insights/runs.data", { act: "retract", periodId, runId, reason: "再次" }, "cheng");
    expect((await platform.owner.evaluationReport.findUniqueOrThrow({ where: { runId } })).reason).toBe("数据有误");
  });

  it("two sealed versions are compared by their rows: what was corrected, who moved, and nothing guessed", async () => {
    const publishNext = async () => {
      await platform.post("/insights/runs", { act: "generate", periodId }, "cheng");
      const id = await previewId();
      await platform.post("/insights/runs", { act: "publish", periodId, runId: id, note: "", checked: "on" }, "cheng");
      return id;
    };
    const first = await publishNext();
    const address = (id: string) => `/runs?period=${periodId}&compare=${id}`;
    expect(await status(address(first), "cheng")).toBe(404);
    const rows = platform.sealed.rows;
    if (!rows) throw new Error("no rows");
    const [from, to] = [...new Set(rows.values.map(({ groupOrgId }) => groupOrgId))];
    const moved = rows.values.find(({ groupOrgId }) => groupOrgId === from)?.subjectId;
    platform.sealed.rows = {
      ...rows,
      values: rows.values.map((value, index) => ({
        ...value,
        groupOrgId: value.subjectId === moved ? (to ?? 0) : value.groupOrgId,
        valueNum: index === rows.values.length - 2 ? "0" : value.valueNum,
      })),
    };
    const second = await publishNext();
    const html = await body(address(second), "cheng");
    for (const words of ["为什么不同", "1名党员转入", "1名党员转出", "1名党员的输入数据有更正", "两版使用同一方案"])
      expect(html).toContain(words);
    expect(html).not.toContain("新参评");
    expect(html).not.toContain(moved);
    expect(await body(`/runs?period=${periodId}`, "cheng")).toContain(`compare=${second}`);
    for (const user of ["zhou", "ning", "zheng"])
      expect([user, await status(address(second), user)]).toEqual([user, 403]);
    // What was retracted is not compared with either.
    await platform.post("/insights/runs", { act: "retract", periodId, runId: first, reason: "数据有误" }, "cheng");
    expect(await status(address(second), "cheng")).toBe(404);
  });
});
