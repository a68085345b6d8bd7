import { prepareDuties } from "@xianfeng/ui/duty-grid";
import { fraction } from "@xianfeng/ui/format";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { turned } from "../app/lib/chart-view.ts";
import { unlessShownOnly } from "../app/lib/panel.ts";
import { prepareRanking } from "../app/lib/ranking.ts";
import { composition, sealedRanking } from "../app/lib/report.ts";
import {
  compositionSheet,
  dutySheet,
  movesOf,
  movesSheet,
  rankingSheet,
  trendSheet,
  weightsSheet,
} from "../app/lib/sheets.ts";
import { sheetWords } from "../app/messages/sheet.ts";
import { causesOf } from "../server/causes.ts";
import { fileName, toCsv } from "../sheet/csv.ts";
import type { Sheet } from "../sheet/sheet.ts";
import { items, type Member, orgs, sealed } from "./rows.ts";

const words = sheetWords["zh-CN"];
const kinds = { graduate: "研究生", staff: "教职工" };
const data = sealedRanking(sealed(), orgs, "综合");
const table = prepareRanking(data, "overall", true);
const moved = { ...table, rows: table.rows.map((row) => ({ ...row, prevRank: row.rank === 1 ? 2 : 1 })) };
const duties = prepareDuties(
  ["7"],
  ["2026-10", "2026-11"],
  [{ unit: "7", month: "2026-10", total: 3, inTime: 2, overdue: 0 }],
  "2026-11",
);
const months = [
  { label: "1月", share: fraction(7, 8) },
  { label: "2月", share: null },
];

const sheets: Sheet[] = [
  rankingSheet(table, "20%", "支部排名", words, kinds, ["上期", "本期"]),
  compositionSheet(data, composition(data), "20%", "前列党员构成", words, kinds),
  movesSheet(movesOf(moved), "名次变化", words),
  trendSheet(months, "各月到会率", [words.month, words.present, words.expected, words.rate]),
  weightsSheet(items, "权重", words),
  dutySheet(duties, new Map([["7", "=甲支部"]]), ["2026-10", "2026-11"], "党务工作", words, (month) => `${month}月`),
];

describe("the table behind a chart", () => {
  it("holds what the picture shows", () => {
    expect(sheets.map(({ rows }) => rows[0])).toEqual([
      [1, "甲支部", "研究生", 1, 2, "50.0%", 1, 3, null],
      ["研究生", "综合", 1, 2, "50.0%"],
      ["甲支部", 2, 1, 1],
      ["1月", 7, 8, "87.5%"],
      ["组织生活", "60.0%"],
      ["=甲支部", 1, null, 2, 3, "67%"],
    ]);
    expect(sheets[3]?.rows[1]).toEqual(["2月", null, null, null]);
  });

  it("names each column once and gives every row all of them", () => {
    for (const { title, head, rows } of sheets) {
      expect([title, new Set(head).size]).toEqual([title, head.length]);
      for (const row of rows) expect([title, row.length]).toEqual([title, head.length]);
    }
  });

  it.each(sheets.map((sheet) => [sheet.title, sheet] as const))(
    "%s: the file parses back into its rows",
    (_, sheet) => {
      const [head, ...rows] = Papa.parse<string[]>(toCsv(sheet).slice(1), { skipEmptyLines: true }).data;
      expect(head).toEqual(sheet.head);
      const text = (cell: string | number | null) =>
        cell === null ? "" : String(cell).startsWith("=") ? `'${cell}` : String(cell);
      expect(rows).toEqual(sheet.rows.map((row) => row.map(text)));
    },
  );

  it("carries a mark above its head, when there is one", () => {
    const lines = Papa.parse<string[]>(toCsv({ title: "x", head: ["姓名"], rows: [["甲"]] }, "内部资料，导出")).data;
    expect(lines.slice(0, 3)).toEqual([["内部资料，导出"], ["姓名"], ["甲"]]);
    expect(fileName('a/b:"支部"')).toBe("ab支部.csv");
  });
});

describe("what an address shows", () => {
  it("turns one chart over and leaves the others", () => {
    expect(turned(new URLSearchParams(), "moves")).toBe("moves");
    expect(turned(new URLSearchParams("table=moves"), "trend")).toBe("moves,trend");
    expect(turned(new URLSearchParams("table=moves,trend"), "moves")).toBe("trend");
    expect(turned(new URLSearchParams("table=moves"), "moves")).toBeNull();
  });

  it("asks the server again only for another page or other data", () => {
    const asks = (from: string, to: string, formMethod?: "POST") =>
      unlessShownOnly({
        currentUrl: new URL(from, "http://x"),
        nextUrl: new URL(to, "http://x"),
        formMethod,
        defaultShouldRevalidate: true,
      } as Parameters<typeof unlessShownOnly>[0]);
    expect(asks("/ranking?run=1", "/ranking?run=1&number=share.1&table=ranking")).toBe(false);
    expect(asks("/ranking?run=1&number=share.1", "/ranking?run=2&number=share.1")).toBe(true);
    expect(asks("/runs?period=1", "/runs?period=1&compare=2")).toBe(true);
    expect(asks("/runs?period=1", "/runs?period=1")).toBe(true);
    expect(asks("/runs?period=1", "/runs?period=1&dialog=publish", "POST")).toBe(true);
  });
});

describe("why two sealed versions differ", () => {
  const before: Member[] = [
    { id: "a", orgId: 7, score: 90 },
    { id: "b", orgId: 8, score: 80 },
    { id: "c", orgId: 8, score: 70 },
    { id: "d", orgId: 7, score: 60 },
    { id: "e", orgId: 7, score: null },
  ];
  const change = (id: string, to: Partial<Member>) => before.map((one) => (one.id === id ? { ...one, ...to } : one));
  const none = { corrected: 0, movedIn: 0, movedOut: 0, entered: 0, left: 0 };
  const of = (members: Member[], scheme = "s1") => causesOf(sealed(members, 2, scheme), sealed(before));
  const counts = (members: Member[]) =>
    Object.fromEntries(
      of(members).branches.map(({ orgId, corrected, movedIn, movedOut, entered, left }) => [
        orgId,
        { corrected, movedIn, movedOut, entered, left },
      ]),
    );

  it("says nothing of two versions that are alike", () =>
    expect(of(before)).toEqual({
      now: { runId: "run2", versionNo: 2 },
      before: { runId: "run1", versionNo: 1 },
      scheme: null,
      asOfOn: null,
      branches: [],
      alike: 2,
    }));

  it("counts corrected inputs where the person is, and shows the branch that only moved along without a cause of its own", () =>
    expect(counts(change("d", { score: 95 }))).toEqual({ 7: { ...none, corrected: 1 } }));

  it("shows a branch that moved because others did", () => {
    const found = of(change("b", { score: 99 }));
    expect(found.branches.map(({ orgId, corrected }) => [orgId, corrected])).toEqual([
      [8, 1],
      [7, 0],
    ]);
    expect(found.branches[1]?.before?.rank).not.toBe(found.branches[1]?.now?.rank);
  });

  it("takes a value that has come or gone for a correction, and equal quotients for equal", () => {
    expect(counts(change("e", { score: 50 }))).toEqual({ 7: { ...none, corrected: 1 } });
    const twice = sealed(before, 2);
    for (const value of twice.values)
      if (value.valueNum !== null && value.valueDen !== null) {
        value.valueNum = String(Number(value.valueNum) * 2);
        value.valueDen = String(Number(value.valueDen) * 2);
      }
    expect(causesOf(twice, sealed(before)).branches).toEqual([]);
  });

  it("tells moving between branches from coming and going", () => {
    expect(counts(change("c", { orgId: 7 }))).toEqual({
      7: { ...none, movedIn: 1 },
      8: { ...none, movedOut: 1 },
    });
    expect(counts([...before, { id: "f", orgId: 8, score: 65 }])).toEqual({ 8: { ...none, entered: 1 } });
    expect(counts(before.filter(({ id }) => id !== "d"))).toEqual({ 7: { ...none, left: 1 } });
  });

  it("says that the scheme is another one, which touches everybody", () =>
    expect(of(before, "s2").scheme).toEqual({ now: "s2", before: "s1" }));
});
