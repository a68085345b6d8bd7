import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { DutyGrid, type DutyGridWords, prepareDuties } from "../src/duty-grid/index.ts";

const months = ["2026-09", "2026-10", "2026-11", "2026-12"];
const counts = [
  { unit: "7", month: "2026-09", total: 3, inTime: 3, overdue: 0 },
  { unit: "7", month: "2026-10", total: 3, inTime: 1, overdue: 2 },
  { unit: "7", month: "2026-11", total: 4, inTime: 1, overdue: 0 },
  { unit: "7", month: "2026-12", total: 3, inTime: 0, overdue: 0 },
  { unit: "8", month: "2026-10", total: 2, inTime: 2, overdue: 0 },
  { unit: "8", month: "2026-11", total: 2, inTime: 0, overdue: 1 },
];
const rows = prepareDuties(["7", "8", "9"], months, counts, "2026-11");

describe("duties of units by month", () => {
  it("tell done, missed, running, not due and not existing apart", () => {
    expect(rows[0]?.cells.map(({ month, state, count, total }) => [month, state, count, total])).toEqual([
      [9, "done", 3, 3],
      [10, "missed", 2, 3],
      [11, "now", 1, 4],
      [12, "future", 0, 3],
    ]);
    expect(rows[1]?.cells.map(({ state }) => state)).toEqual(["none", "done", "missed", "future"]);
    expect(rows[2]?.cells.map(({ state }) => state)).toEqual(["none", "none", "future", "future"]);
  });

  it("judge only months that are over", () => {
    expect([rows[0]?.inTime, rows[0]?.due]).toEqual([4, 6]);
    expect([rows[2]?.inTime, rows[2]?.due]).toEqual([0, 0]);
  });
});

const words: DutyGridWords = {
  caption: "组织生活",
  month: (month) => `${month}月`,
  day: (day) => `${Number(day.slice(8))}日`,
  madeUp: (day) => `补${day}`,
  missed: "未开",
  open: () => "待办",
  tally: "完成 / 应做",
  states: { done: "按期", late: "补开", missed: "未开", now: "进行中", future: "未到期", none: "没有此项" },
};
const plain = (html: string) => html.replaceAll(/<[^>]*>/g, "|").replaceAll(/\|+/g, "|");

describe("the one grid of the workbench and the wall", () => {
  it("shows days where it knows them, and how many were missed where it does not", () => {
    const cells = [
      { month: 1, span: 1, state: "done", count: 1, day: "2026-01-08" },
      { month: 2, span: 1, state: "missed", count: 1, day: "2026-02-28" },
      { month: 3, span: 10, state: "missed", count: 2, day: null },
    ] as const;
    const html = renderToStaticMarkup(
      <DutyGrid here={3} words={words} rows={[{ key: "a", title: "支委会", cells, done: 1, due: 4 }]} />,
    );
    expect(plain(html)).toContain("支委会|8日|按期|未开|未开|2|未开|1|/4|");
  });

  it("opens a block with its name once, fills the running month, and takes other words for the end of a row", () => {
    const html = renderToStaticMarkup(
      <DutyGrid
        here={11}
        words={{ ...words, cell: ({ count, total }) => `${count}/${total}` }}
        rows={rows.slice(0, 2).map((row) => ({
          key: row.unit,
          title: row.unit,
          group: "研究生",
          cells: row.cells,
          done: row.inTime,
          due: row.due,
          tally: <a href="?x">67%</a>,
          behind: true,
        }))}
      />,
    );
    expect(html.match(/研究生/g)).toHaveLength(1);
    expect(html).toContain("width:25%");
    expect(html).toContain('<a href="?x">67%</a>');
    expect(plain(html)).toContain("|2/3|");
  });
});
