import { prepareDuties } from "@xianfeng/ui/duty-grid";
import { LanguageProvider } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router";
import { describe, expect, it } from "vitest";
import { Told } from "../app/components/figure.tsx";
import { OpenedNumber } from "../app/components/number-panel.tsx";
import { useBranchNumbers, useMeetingNumbers } from "../app/explain/drill.tsx";
import { useRankingNumbers } from "../app/explain/ranking.tsx";
import { anyOf, ofSums, useKindNumbers, usePersonNumbers, useSums } from "../app/explain/report.tsx";
import { useWallNumbers } from "../app/explain/wall.tsx";
import { figureMembers, numberKey, type OpenNumber } from "../app/figures.ts";
import type { Explained } from "../app/lib/explain.ts";
import { prepareRanking } from "../app/lib/ranking.ts";
import { composition, sealedRanking } from "../app/lib/report.ts";
import type { SealedReport } from "../server/domain.ts";
import type { MeetingAttendance } from "../server/query/meeting-attendance.ts";
import { prepareWall, type WallRow } from "../server/query/wall.ts";
import { items, orgs, sealed } from "./rows.ts";

type Find = (open: OpenNumber) => Explained | null;
const inRouter = (address: string, inside: ReactNode, language: "zh-CN" | "en" = "zh-CN") =>
  renderToStaticMarkup(
    <LanguageProvider language={language}>
      <MemoryRouter initialEntries={[address]}>{inside}</MemoryRouter>
    </LanguageProvider>,
  );
const plain = (html: string) => html.replaceAll(/<[^>]*>/g, "");

/** What the panel says is equal to: its leading figure with the unit. */
function panelOf(find: (use: (find: Find) => ReactNode) => ReactNode, key: string, language?: "zh-CN" | "en"): string {
  const open = (of: Find) => <OpenedNumber find={of} top="20%" time="" technical={[]} />;
  return inRouter(`/?number=${encodeURIComponent(key)}`, find(open), language);
}
const leading = (html: string) =>
  /<p class="value num">([^<]*)(?:<small>([^<]*)<\/small>)?<\/p>/.exec(html)?.slice(1, 3);

const report: SealedReport = sealed();
const data = sealedRanking(report, orgs, "综合");
const table = prepareRanking(data, "overall", false);

function ReportNumbers({ children }: { children: (find: Find, tiles: Explained[]) => ReactNode }) {
  const sums = useSums(table, items, "全院", "20%");
  const indicator = { code: "overall", title: "综合" };
  const find = anyOf(
    useRankingNumbers({ table, indicator, run: { id: "run", preview: false }, top: "20%" }),
    ofSums(sums),
    useKindNumbers(data, "20%"),
    usePersonNumbers(report.results, items, (id) => `党员${id}`),
  );
  return children(find, Object.values(sums));
}

const counts = ["2026-10", "2026-11"].flatMap((month): WallRow[] => [
  { orgId: 7, month, measure: "duties", category: "member_meeting", num: 2, den: 3 },
  { orgId: 7, month, measure: "attendance", category: "member_meeting", num: 21, den: 24 },
  { orgId: 8, month, measure: "meetings_held", category: "party_lesson", num: 4, den: null },
  { orgId: 7, month, measure: "members", category: "full_member", num: 30, den: null },
  { orgId: 7, month, measure: "members", category: "probationary_member", num: 3, den: null },
]);
const wall = prepareWall(counts, orgs, "2026-11-22");
const duties = prepareDuties(
  wall.units.map(({ id }) => id),
  wall.months,
  wall.duties,
  wall.month,
);

function WallNumbers({ children }: { children: (find: Find, tiles: Explained[]) => ReactNode }) {
  const numbers = useWallNumbers(wall, duties);
  const { members, orgs: organisations, held, heldByKind, attendance, byMonth, duties: kept } = numbers;
  const tiles = [
    members,
    organisations,
    ...Object.values(held),
    ...heldByKind.flatMap(({ month, quarter }) => [month, quarter]),
    attendance,
    ...byMonth,
    ...kept.values(),
  ];
  return children(numbers.find, tiles);
}

const meetings = {
  orgId: 7,
  branch: "甲支部",
  period: { title: "2026年下半年", startsOn: "2026-07-01", endsOn: "2026-12-31" },
  meetings: [
    { id: "m1", title: "党课", place: "A101", kind: "party_lesson", heldOn: "2026-10-08", expected: 20, present: 17 },
    { id: "m2", title: "", place: "", kind: "group_meeting", heldOn: "2026-11-08", expected: 10, present: 10 },
  ],
};
const states = ["on_time", "late", "leave", "absent", "on_time"];
const attendance: MeetingAttendance = {
  meetingId: "m1",
  title: "党课",
  place: "A101",
  heldOn: "2026-10-08",
  kind: "party_lesson",
  orgId: 7,
  branch: "甲支部",
  rows: states.map((state, at) => ({
    id: String(at),
    name: `党员${at}`,
    state,
    expected: at < 4,
    present: at < 2,
  })),
};

function DrillNumbers({ children }: { children: (find: Find, tiles: Explained[]) => ReactNode }) {
  const ofBranch = useBranchNumbers(meetings, "run");
  const own = meetings.meetings.flatMap((row) => Object.values(ofBranch.ofMeeting(row)));
  return children(ofBranch.find, [...Object.values(ofBranch.sums), ...own]);
}

function MeetingNumbers({ children }: { children: (find: Find, tiles: Explained[]) => ReactNode }) {
  const { sums, find } = useMeetingNumbers(attendance);
  return children(find, Object.values(sums));
}

const pages = { report: ReportNumbers, wall: WallNumbers, branch: DrillNumbers, meeting: MeetingNumbers };

/** Every tile of a page as it is drawn: its key in the address and its text. */
function tilesOf(Page: (typeof pages)[keyof typeof pages]): { key: string; text: string }[] {
  const html = inRouter(
    "/",
    <Page>{(_, tiles) => tiles.map((tile) => <Told key={numberKey(tile)} number={tile} />)}</Page>,
  );
  return [...html.matchAll(/<a[^>]*data-number="([^"]*)"[^>]*>([^<]*)<\/a>/g)].map(([, key = "", text = ""]) => ({
    key,
    text,
  }));
}

describe.each(Object.entries(pages))("numbers of the %s", (_, Page) => {
  const tiles = tilesOf(Page);

  it("are figures with an address of their own", () => {
    expect(tiles.length).toBeGreaterThan(2);
    expect(new Set(tiles.map(({ key }) => key)).size).toBe(tiles.length);
  });

  it("open a panel with the very number of the tile, what it is, its rows and its ground", () => {
    for (const { key, text } of tiles) {
      const html = panelOf((open) => <Page>{open}</Page>, key);
      expect([key, leading(html)?.[0]]).toEqual([key, text]);
      for (const part of ["是什么", "数了哪些行", "数据时点", "依据"])
        expect([key, html.includes(part)]).toEqual([key, true]);
    }
  });

  it("speak English where the reader does", () => {
    for (const { key } of tiles.slice(0, 3)) {
      const html = panelOf((open) => <Page>{open}</Page>, key, "en");
      expect(html).toContain("Where this number comes from");
      expect(html).not.toMatch(/<h3>[^<]*[一-鿿]/);
    }
  });
});

describe("the panel", () => {
  const panel = (key: string) => panelOf((open) => <ReportNumbers>{open}</ReportNumbers>, key);

  it("shows the equation, and the model's own description of what is read", () => {
    const html = panel("ranked.all");
    expect(leading(html)).toEqual(["4", "名"]);
    expect(plain(html)).toContain("有名次的党员，单位：名；占比的分母");
    expect(html).toContain("branch_ranking.members_ranked");
    expect(plain(html)).toMatch(/5名.*−.*1名/);
  });

  it("finds a branch, a kind of branch and a person, each with the number of the sealed row", () => {
    expect(leading(panel("rank.7"))?.[0]).toBe("1");
    const kind = composition(data).find(({ category }) => category === "graduate");
    expect(kind?.cells[0]).toEqual({ num: 1n, den: 2n });
    expect(leading(panel("kindShare.graduate-overall"))?.[0]).toBe("50.0%");
    expect(leading(panel("score.a~overall"))?.[0]).toBe("90.0");
    expect(leading(panel("place.a~overall~college"))?.[0]).toBe("1");
    expect(leading(panel("place.a~overall~branch"))?.[0]).toBe("1");
  });

  it("is not there for a number that the page does not have", () => {
    for (const key of [
      "share.999",
      "score.nobody~overall",
      "kindShare.graduate-nope",
      "held.month",
      "place.a~overall~x",
    ])
      expect(panel(key)).toBe("");
  });
});

describe("the wall", () => {
  const panel = (key: string) => panelOf((open) => <WallNumbers>{open}</WallNumbers>, key);

  it("never shows a hidden part, alone or in a sum", () => {
    expect(wall.members).toEqual({ total: 33, full: "hidden", probationary: "hidden" });
    const html = panel("members.all");
    expect(leading(html)?.[0]).toBe("33");
    expect(plain(html).match(/&lt;5/g)?.length).toBeGreaterThan(1);
    expect(html).not.toContain('class="op"');
    for (const small of ["30名", ">30<", ">3<"]) expect(html).not.toContain(small);
  });

  it("counts the months of the quarter, and they add up to its attendance", () => {
    const html = panel("came.quarter");
    expect(leading(html)?.[0]).toBe("87.5");
    expect(plain(html)).toMatch(/42人次实到÷48人次应到/);
    expect(html.match(/<tr>/g)).toHaveLength(3);
  });

  it("judges a branch by the months that are over", () => {
    expect(leading(panel("duties.7"))?.[0]).toBe("67%");
    expect(plain(panel("duties.7"))).toMatch(/2项按期÷3项应做/);
  });
});

describe("the drill-down", () => {
  it("adds the meetings up, and leaves those who need not come out of a meeting's sums", () => {
    const panel = (key: string) => plain(panelOf((open) => <DrillNumbers>{open}</DrillNumbers>, key));
    expect(panel("attendance.all")).toMatch(/90\.0%=27人次实到÷30人次应到/);
    expect(panel("attendance.m1")).toMatch(/85\.0%=17人次实到÷20人次应到/);
    const html = plain(panelOf((open) => <MeetingNumbers>{open}</MeetingNumbers>, "attendance.all"));
    expect(html).toMatch(/50\.0%=2人次实到÷4人次应到/);
    expect(html).not.toContain("党员0");
  });
});

it("every figure that has a definition is drawn somewhere", () => {
  const drawn = new Set(
    Object.values(pages).flatMap((Page) => tilesOf(Page).map(({ key }) => key.split(".")[0] ?? "")),
  );
  const asked = ["rank", "share", "missing", "ranked", "kindShare", "score", "place", "moved"];
  expect(Object.keys(figureMembers).filter((figure) => !drawn.has(figure) && !asked.includes(figure))).toEqual([]);
});
