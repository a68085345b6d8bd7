import { readBeat } from "@xianfeng/service";
import { describe, expect, it } from "vitest";
import { readNumber } from "../app/figures.ts";
import { checkData } from "../app/lib/checks.ts";
import { datesIn } from "../app/lib/dates.ts";
import { hasMoved, lateFor, readHeard } from "../app/lib/freshness.ts";
import { compareRuns, prepareRanking } from "../app/lib/ranking.ts";
import { branchMembers, composition, ownLines, sealedRanking, topPlaces } from "../app/lib/report.ts";
import type { Period, Run, SealedReport, SealedResult } from "../server/domain.ts";
import { isDataPath, isSameOrigin, signInPath } from "../server/http/guard.ts";
import { choose } from "../server/pages/choice.ts";
import { type BranchCell, type BranchRanking, branchRanking, runsUpTo } from "../server/query/branch-ranking.ts";
import { oldest } from "../server/query/define.ts";
import { calendarOf, prepareWall, type WallRow } from "../server/query/wall.ts";
import { attachment, toCsv } from "../sheet/csv.ts";

const cell = (rank: number | null, num: number, den: number, rest: Partial<BranchCell> = {}): BranchCell => ({
  rank,
  ofN: 3,
  prevRank: null,
  num: den === 0 ? null : String(num),
  den: den === 0 ? null : String(den),
  evaluated: den,
  ranked: den,
  missing: 0,
  ...rest,
});

const line = (
  orgId: number,
  name: string,
  overall: BranchCell,
  history: ({ num: string; den: string } | null)[] = [],
  category = "graduate",
) => ({
  orgId,
  shortName: name,
  category,
  cells: { overall },
  history: { overall: history },
});

const ranking = (branches: BranchRanking["branches"]): BranchRanking => ({
  runId: "run",
  indicators: [{ code: "overall", title: "综合" }],
  periods: [{ id: "p", title: "2026年下半年" }],
  branches,
});

describe("the ranking as a table", () => {
  const data = ranking([
    line(3, "丙", cell(null, 0, 0, { evaluated: 4, missing: 4 })),
    line(2, "乙", cell(1, 2, 6, { prevRank: 3 })),
    line(1, "甲", cell(1, 3, 9, { prevRank: 1 })),
    line(4, "丁", cell(3, 1, 40, { prevRank: null })),
  ]);

  it("keeps the warehouse's ranks, says ties, and puts the unranked last with a gap", () => {
    const { rows } = prepareRanking(data, "overall", true);
    expect(rows.map(({ name, rank, shared }) => [name, rank, shared])).toEqual([
      ["甲", 1, true],
      ["乙", 1, true],
      ["丁", 3, false],
      ["丙", null, false],
    ]);
    expect(rows.at(-1)?.share).toBeNull();
    expect(rows.map(({ change }) => change.kind)).toEqual(["same", "up", "new", "none"]);
    expect(prepareRanking(data, "overall", false).rows.every(({ change }) => change.kind === "none")).toBe(true);
  });

  it("adds totals up from the rows and averages only over the whole college", () => {
    const table = prepareRanking(data, "overall", true);
    expect(table.totals).toEqual({ inTop: 6n, ranked: 55n, missing: 4, evaluated: 59 });
    expect(table.average).toEqual({ num: 6n, den: 55n });
    const own = prepareRanking(ranking([line(2, "乙", cell(2, 2, 6))]), "overall", true);
    expect([own.whole, own.average]).toEqual([false, null]);
  });

  it("marks small bases", () =>
    expect(prepareRanking(data, "overall", true).rows.map(({ few }) => few)).toEqual([true, true, false, true]));

  it("compares two runs row by row", () => {
    const before = prepareRanking(
      ranking([line(1, "甲", cell(1, 3, 9)), line(2, "乙", cell(2, 1, 6)), line(4, "丁", cell(3, 1, 40))]),
      "overall",
      true,
    );
    const changed = compareRuns(prepareRanking(data, "overall", true), before).filter((one) => one.changed);
    expect(changed.map(({ name, before: was }) => [name, was?.rank ?? null])).toEqual([
      ["乙", 2],
      ["丙", null],
    ]);
  });

  it("can be taken away as a file that Excel reads and cannot run", () => {
    const sheet = branchRanking.sheet?.(
      ranking([line(1, '=HYPERLINK("x")', cell(1, 3, 9)), line(2, "乙,支部", cell(null, 0, 0))]),
    );
    const csv = toCsv(sheet ?? { title: "", head: [], rows: [] });
    expect(csv.startsWith("\uFEFF指标,名次")).toBe(true);
    expect(csv).toContain("'=HYPERLINK");
    expect(csv).toContain('综合,,3,,"乙,支部",,,0');
    expect(csv.split("\r\n")).toHaveLength(4);
    expect(attachment('a"b\r\n支部')).toBe(
      `attachment; filename="export.csv"; filename*=UTF-8''ab${encodeURIComponent("支部")}.csv`,
    );
  });
});

const run = (id: string, state: Run["state"], versionNo = 0, report: Run["report"] = null): Run => ({
  id,
  state,
  versionNo,
  schemeCode: "v1",
  asOfOn: "2026-12-31",
  previousRunId: null,
  closeLsn: null,
  digest: null,
  createdAt: "2026-11-01T00:00:00.000Z",
  sealedAt: null,
  report,
});
const published: Run["report"] = { state: "published", publishedAt: null, retractedAt: null, reason: null, note: "" };
const retracted: Run["report"] = { ...published, state: "retracted", reason: "数据有误" };
const period = (id: string, startsOn: string, runs: Run[], orgId = 1): Period => ({
  id,
  orgId,
  year: Number(startsOn.slice(0, 4)),
  ordinal: startsOn.slice(5, 7) === "01" ? 1 : 2,
  title: id,
  startsOn,
  endsOn: startsOn,
  runs,
});
const notFound = expect.objectContaining({ name: "Refusal", kind: "not_found" });

describe("which run is shown", () => {
  const periods = [
    period("p3", "2026-07-01", [
      run("live3", "live"),
      run("v1", "sealed", 1, retracted),
      run("v2", "sealed", 2, published),
    ]),
    period("p2", "2026-01-01", [run("live2", "live"), run("old", "sealed", 1, published)]),
    period("p1", "2025-07-01", [run("live1", "live")]),
    period("other", "2025-01-01", [run("foreign", "live")], 2),
  ];
  const pick = (text: string) => choose(periods, new URLSearchParams(text));

  it("opens the newest period live", () => expect([pick("").period?.id, pick("").run?.id]).toEqual(["p3", "live3"]));
  it("opens what is asked for", () =>
    expect([pick("period=p2").run?.id, pick("run=old").period?.id]).toEqual(["live2", "p2"]));
  it("knows only what the caller may see", () => {
    for (const text of ["run=nope", "period=nope", "run=old&period=p3"]) {
      let failure: unknown;
      try {
        pick(text);
      } catch (error) {
        failure = error;
      }
      expect(failure).toEqual(notFound);
    }
    expect(choose([], new URLSearchParams())).toEqual({ periods: [], period: null, run: null });
  });
  it("takes earlier periods of the same committee, published before live, oldest first", () =>
    expect(runsUpTo(periods, "live3").map(({ runId }) => runId)).toEqual(["live1", "old", "live3"]));
  it("has nothing of a retracted run", () => {
    expect(() => runsUpTo(periods, "v1")).toThrow();
    expect(() => runsUpTo(periods, "nope")).toThrow();
  });
});

describe("how fresh", () => {
  it("is the oldest part", () => {
    const parts = [
      { asOf: "2026-11-22T01:00:00.000Z", asOfLsn: "900" },
      { asOf: "2026-11-22T00:59:00.000Z", asOfLsn: "1000" },
      { asOf: null, asOfLsn: null },
    ];
    expect(oldest(parts).asOfLsn).toBe("900");
    expect(oldest([])).toEqual({ asOf: null, asOfLsn: null });
  });

  const heard = (asOf: string | null, at: number, age = 0) => ({ asOf, at, age });
  it("moves only when something newer was announced", () => {
    expect(hasMoved("2026-11-22T01:00:00.000Z", heard("2026-11-22T01:00:00.001Z", 0))).toBe(true);
    expect(hasMoved("2026-11-22T01:00:00.000Z", heard("2026-11-22T01:00:00.000Z", 0))).toBe(false);
    expect(hasMoved(null, heard("2026-11-22T01:00:00.000Z", 0))).toBe(true);
    expect(hasMoved(null, null)).toBe(false);
  });

  const late = (one: ReturnType<typeof heard> | null, openedAt: number, movedAt: number | null, now: number) =>
    lateFor({ heard: one, shown: null }, openedAt, movedAt, now);
  it("is late after 30 s of silence, of a stream that lags, or of rows that were announced and do not come", () => {
    expect(late(heard("x", 1000), 0, null, 31_000)).toBeNull();
    expect(late(heard("x", 1000), 0, null, 31_001)).toBe(30_001);
    expect(late(heard("x", 1000, 25_000), 0, null, 7_000)).toBe(31_000);
    expect(late(null, 0, null, 29_000)).toBeNull();
    expect(late(null, 0, null, 40_000)).toBe(40_000);
    expect(late(heard("x", 50_000), 0, 10_000, 51_000)).toBe(41_000);
  });

  it("is not late while changes come without end and those shown are a little older, but when they are much older", () => {
    const newest = heard("2026-11-22T01:01:00.000Z", 100_000);
    const at = (shown: string, movedAt: number) => lateFor({ heard: newest, shown }, 0, movedAt, 100_500);
    expect(at("2026-11-22T01:00:58.800Z", 10_000)).toBeNull();
    expect(at("2026-11-22T01:00:20.000Z", 10_000)).toBe(40_500);
    // After a quiet night the first change is announced.
    expect(at("2026-11-21T01:00:00.000Z", 100_400)).toBeNull();
  });

  it("takes nothing but times from what it hears", () => {
    expect(readHeard('{"asOf":"2026-11-22T01:00:00Z","age":12,"name":"x"}', 5)).toEqual({
      asOf: "2026-11-22T01:00:00Z",
      age: 12,
      at: 5,
    });
    for (const text of ["", "{}", "null", '{"age":-1}', '{"age":"1"}', "[1]"]) expect(readHeard(text, 0)).toBeNull();
    expect(
      readBeat(
        'event: applied\ndata: {"asOf":"2026-11-22T01:00:00Z","lsn":"0/1","checkedAt":"2026-11-22T01:00:01Z","tables":["person"]}',
      ),
    ).toEqual({
      asOf: "2026-11-22T01:00:00Z",
      checkedAt: "2026-11-22T01:00:01Z",
    });
    for (const block of ["retry: 1000", "data: {}", "data: nonsense", 'data: {"checkedAt":"yesterday"}'])
      expect(readBeat(block)).toBeNull();
  });
});

describe("the checks before generating", () => {
  const table = (missing: number) =>
    prepareRanking(ranking([line(1, "甲", cell(1, 3, 9, { missing, evaluated: 9 + missing }))]), "overall", true);
  it("notes missing values, blocks without data or while they are late", () => {
    expect([checkData(table(0), false, true).blocking, checkData(table(0), false, true).attention]).toEqual([0, 0]);
    expect([checkData(table(2), false, true).blocking, checkData(table(2), false, true).attention]).toEqual([0, 1]);
    expect(checkData(table(0), true, true).blocking).toBe(1);
    expect(checkData(table(0), false, false).blocking).toBe(1);
    expect(checkData(null, false, true).list.map(({ mark }) => mark)).toEqual(["off", "off", "off", "ok", "err"]);
  });
});

const result = (
  subjectKind: string,
  subjectId: string,
  groupOrgId: number,
  rank: number | null,
  rest: Partial<SealedResult> = {},
): SealedResult => ({
  populationKind: "college",
  populationOrgId: 1,
  subjectKind,
  subjectId,
  indicatorCode: "overall",
  groupOrgId,
  scoreNum: rank === null ? null : "1",
  scoreDen: rank === null ? null : "2",
  rank,
  ofN: 3,
  isTop: rank === 1,
  prevRank: null,
  ...rest,
});

describe("a sealed report", () => {
  const report: SealedReport = {
    run: {
      id: "run",
      orgId: 1,
      versionNo: 1,
      schemeCode: "v1",
      schemeVersionId: "s1",
      topShareBp: 2000,
      asOfOn: "2026-12-31",
      digest: null,
      sealedAt: null,
      publishedAt: null,
      note: "",
      period: { id: "p", title: "2026年下半年", startsOn: "2026-07-01", endsOn: "2026-12-31" },
      items: [],
    },
    whole: true,
    values: [],
    orgNames: { 7: "中共软工研一委员会", 8: "中共博士生第一党支部" },
    results: [
      result("branch", "7", 7, 1, { scoreNum: "1", scoreDen: "2" }),
      result("branch", "8", 8, 2, { scoreNum: "0", scoreDen: "1" }),
      result("person", "a", 7, 1),
      result("person", "b", 7, 3),
      result("person", "c", 8, 1),
      result("person", "d", 8, null),
      result("person", "a", 7, 1, { populationKind: "branch", populationOrgId: 7, ofN: 2 }),
    ],
  };
  const orgs = {
    7: { shortName: "软工研一", fullName: "中共软工研一支部", category: "graduate", kind: "branch" },
    8: { shortName: "博一", fullName: "中共博士生第一党支部", category: "staff", kind: "branch" },
  };
  const data = sealedRanking(report, orgs, "综合");

  it("has the shape of the live ranking, with the names of its day where they have changed", () => {
    expect(
      data.branches.map(({ shortName, cells }) => [
        shortName,
        cells.overall?.num,
        cells.overall?.ranked,
        cells.overall?.missing,
      ]),
    ).toEqual([
      ["中共软工研一委员会", "1", 2, 0],
      ["博一", "0", 1, 1],
    ]);
  });
  it("adds kinds of branches up from the branches", () =>
    expect(composition(data).map(({ category, ranked, cells }) => [category, ranked, cells[0]])).toEqual([
      ["graduate", 2, { num: 1n, den: 2n }],
      ["staff", 1, { num: 0n, den: 1n }],
    ]));
  it("lists the first places with all who tie, never those without a rank", () => {
    expect(
      topPlaces(report.results, "overall", true, 1).map(({ rank, people }) => [rank, people.map(({ id }) => id)]),
    ).toEqual([[1, ["a", "c"]]]);
    expect(topPlaces(report.results, "overall", true).map(({ rank }) => rank)).toEqual([1, 3]);
  });
  it("gives a member both places", () => {
    const [first] = branchMembers(report.results, "overall", true);
    expect([first?.id, first?.college.rank, first?.branch.rank, first?.branch.ofN]).toEqual(["a", 1, 1, 2]);
  });
  it("gives a member's own lines, missing ones as a gap", () => {
    const own = ownLines(
      {
        run: { ...report.run, items: [{ indicatorCode: "theory", title: "理论", source: "imported", weight: 4 }] },
        results: report.results.filter(({ subjectId }) => subjectId === "a"),
      },
      "综合",
    );
    expect(own.map(({ title, college, score }) => [title, college.rank, score])).toEqual([
      ["综合", 1, { num: 1n, den: 2n }],
      ["理论", null, null],
    ]);
  });
});

describe("the wall", () => {
  const rows: WallRow[] = [
    { orgId: 7, month: "2026-11", measure: "members", category: "full_member", num: 30, den: null },
    { orgId: 7, month: "2026-11", measure: "members", category: "probationary_member", num: 3, den: null },
    { orgId: 7, month: "2026-10", measure: "members", category: "full_member", num: 29, den: null },
    { orgId: 7, month: "2026-10", measure: "meetings_held", category: "party_lesson", num: 2, den: null },
    { orgId: 8, month: "2026-11", measure: "meetings_held", category: "member_meeting", num: 1, den: null },
    { orgId: 7, month: "2026-09", measure: "meetings_held", category: "member_meeting", num: 9, den: null },
    { orgId: 7, month: "2026-10", measure: "attendance", category: "party_lesson", num: 20, den: 25 },
    { orgId: 8, month: "2026-11", measure: "attendance", category: "member_meeting", num: 8, den: 15 },
    { orgId: 7, month: "2026-10", measure: "duties", category: "life.member_meeting", num: 1, den: 2 },
    { orgId: 7, month: "2026-10", measure: "duties", category: "life.party_lesson", num: 1, den: 1 },
  ];
  const orgs = {
    1: { shortName: "党委", fullName: "", category: "mixed", kind: "committee" },
    7: { shortName: "甲支部", fullName: "", category: "graduate", kind: "branch" },
    8: { shortName: "乙支部", fullName: "", category: "staff", kind: "branch" },
  };
  const wall = prepareWall(rows, orgs, "2026-11-22");

  it("knows month and quarter of a day", () => {
    expect(calendarOf("2026-11-22").quarter).toEqual(["2026-10", "2026-11", "2026-12"]);
    expect(calendarOf("2026-03-31").quarter).toEqual(["2026-01", "2026-02", "2026-03"]);
  });
  it("hides a part of 1 to 4 people together with its partner, as the total would give it away", () =>
    expect(wall.members).toEqual({ total: 33, full: "hidden", probationary: "hidden" }));
  it("counts meetings of the month and the quarter, and attendance as a sum over a sum", () => {
    expect([wall.meetings.month, wall.meetings.quarter]).toEqual([1, 3]);
    expect(wall.attendance).toEqual({ num: 28, den: 40 });
    expect(prepareWall([], orgs, "2026-11-22").attendance).toBeNull();
  });
  it("adds duties up by branch and month", () =>
    expect(wall.duties).toEqual([{ unit: "7", month: "2026-10", total: 3, inTime: 2, overdue: 0 }]));
  it("orders branches by kind", () => expect(wall.units.map(({ name }) => name)).toEqual(["乙支部", "甲支部"]));
});

describe("days and times in the reader's language", () => {
  const [zh, en] = [datesIn("zh-CN"), datesIn("en")];
  it("are those of Shanghai, with the year where it is another one", () => {
    const instant = "2026-11-22T16:30:05.000Z";
    expect([zh.moment(instant, 2026), en.moment(instant, 2026)]).toEqual(["11月23日 00:30", "23 Nov 00:30"]);
    expect([zh.moment(instant, 2027), en.moment(instant, 2027)]).toEqual(["2026年11月23日 00:30", "23 Nov 2026 00:30"]);
    expect([zh.asOf(instant, "2026-11-23"), en.asOf(instant, "2026-11-23")]).toEqual(["00:30:05", "00:30:05"]);
    expect(en.asOf(instant, "2026-11-24")).toBe("23 Nov 2026 00:30:05");
    expect([en.dayLong("2026-08-03"), en.elapsed(372), en.elapsed(7500)]).toEqual([
      "3 Aug 2026",
      "6 min 12 s",
      "2 h 5 min",
    ]);
  });
  it("name a half-year, and leave other titles as they are", () => {
    expect([zh.period("2026年下半年"), en.period("2026年下半年")]).toEqual(["2026年下半年", "Second half of 2026"]);
    expect([zh.shortPeriod("2026年上半年"), en.shortPeriod("2026年上半年")]).toEqual(["26上", "26 H1"]);
    expect(en.period("专项评价")).toBe("专项评价");
  });
  it("end a sealed run's data with its sealing, when that came before the as-of day", () => {
    expect(zh.dataDay("2026-12-31", "2026-11-22T08:00:00.000Z")).toBe("2026年11月22日");
    expect(en.dataDay("2026-06-30", "2026-11-22T08:00:00.000Z")).toBe("30 Jun 2026");
  });
});

describe("addresses", () => {
  it("open a known number only", () => {
    expect(readNumber(new URLSearchParams("number=share.12"))).toEqual({ figure: "share", subject: "12" });
    expect(readNumber(new URLSearchParams("number=score.0190-ab~overall"))?.subject).toBe("0190-ab~overall");
    for (const text of ["", "number=share", "number=__proto__.1", "number=share.<script>", "number=toString.1"])
      expect(readNumber(new URLSearchParams(text))).toBeNull();
  });
  it("know a script's question from a person's", () => {
    for (const path of [
      "/insights/ranking.data",
      "/insights/_.data",
      "/insights/q/wall",
      "/insights/events",
      "/insights/__manifest",
    ])
      expect(isDataPath(path)).toBe(true);
    expect(isDataPath("/insights/ranking")).toBe(false);
  });
  it("lead to the sign-in page and back within this site", () =>
    expect(signInPath("/insights/ranking?run=1&x=//evil")).toBe(
      "/sign-in?next=%2Finsights%2Franking%3Frun%3D1%26x%3D%2F%2Fevil",
    ));
  it("believe only the own origin", () => {
    expect(isSameOrigin("http://a.example", "b.example", "http://a.example/x")).toBe(true);
    expect(isSameOrigin("http://b.example:80", "b.example", "http://a.example")).toBe(true);
    for (const origin of [null, "null", "", "http://evil.example", "http://a.example.evil"])
      expect(isSameOrigin(origin, "a.example", "http://a.example")).toBe(false);
  });
});
