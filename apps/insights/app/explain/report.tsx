import { count, type Fraction, fraction, percent, score } from "@xianfeng/ui/format";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import type { SchemeItem, SealedResult } from "../../server/domain.ts";
import type { BranchRanking } from "../../server/query/branch-ranking.ts";
import { PanelRows } from "../components/panel-rows.tsx";
import type { OpenNumber } from "../figures.ts";
import { among, type Explained } from "../lib/explain.ts";
import type { RankingTable } from "../lib/ranking.ts";
import { overall } from "../lib/report.ts";
import { panelWords } from "../messages/panel.ts";
import { reportWords } from "../messages/report.ts";

/** Sums over the branches that a reader sees: tiles of the report and of the runs. */
export function useSums(
  table: RankingTable,
  items: readonly SchemeItem[],
  of: string,
  top: string,
  given: string | null = null,
) {
  const words = useWords(panelWords);
  const { kpi } = useWords(reportWords);
  const { totals } = table;
  const indicator = given ?? words.overall;
  const byBranch = (title: string, value: (row: RankingTable["rows"][number]) => string | number, note?: string) => (
    <PanelRows
      head={[words.branch, title, words.rankedShort, words.missing]}
      rows={table.rows.map((row) => ({
        key: String(row.orgId),
        cells: [row.name, value(row), count(row.ranked), count(row.missing)],
      }))}
      {...(note ? { note } : {})}
    />
  );
  const all = { value: count(totals.evaluated), unit: kpi.person, words: words.allOf };
  const ranked = { value: count(totals.ranked), unit: kpi.person, words: words.baseAll(indicator) };
  const missing = { value: count(totals.missing), unit: kpi.person, words: words.missing };
  const sum = (figure: Explained["figure"], rest: Omit<Explained, "figure" | "subject" | "of">): Explained => ({
    figure,
    subject: "all",
    of,
    ...rest,
  });
  return {
    branches: sum("branches", {
      value: count(table.rows.length),
      unit: kpi.org,
      parts: null,
      rows: byBranch(words.evaluatedShort, (row) => count(row.evaluated)),
    }),
    ranked: sum("ranked", {
      value: count(totals.ranked),
      unit: kpi.person,
      parts: [all, "−", missing],
      rows: byBranch(words.evaluatedShort, (row) => count(row.evaluated)),
    }),
    evaluated: sum("evaluated", {
      value: count(totals.evaluated),
      unit: kpi.person,
      parts: [ranked, "+", missing],
      rows: byBranch(words.evaluatedShort, (row) => count(row.evaluated)),
    }),
    missing: sum("missing", {
      value: count(totals.missing),
      unit: kpi.person,
      parts: [all, "−", ranked],
      rows: byBranch(words.evaluatedShort, (row) => count(row.evaluated), words.missingWhy),
    }),
    rate: sum("rate", {
      value: percent(fraction(totals.ranked, totals.evaluated)),
      parts: [ranked, "÷", all],
      rows: byBranch(words.evaluatedShort, (row) => count(row.evaluated)),
    }),
    inTop: sum("inTop", {
      value: count(totals.inTop),
      unit: kpi.person,
      parts: null,
      rows: byBranch(words.inTop, (row) => row.inTop ?? "—"),
    }),
    average: sum("share", {
      value: percent(table.average).replace("%", ""),
      unit: table.average ? "%" : undefined,
      parts: [{ value: count(totals.inTop), unit: kpi.person, words: words.shareOf(top, indicator) }, "÷", ranked],
      rows: byBranch(words.inTop, (row) => row.inTop ?? "—"),
    }),
    indicators: sum("indicators", {
      value: String(items.length),
      unit: kpi.item,
      parts: null,
      rows: <Weights items={items} />,
    }),
  };
}

export type Sums = ReturnType<typeof useSums>;

function Weights({ items }: { items: readonly SchemeItem[] }) {
  const words = useWords(reportWords);
  const total = items.reduce((sum, item) => sum + item.weight, 0) || 1;
  return (
    <PanelRows
      head={[words.indicator, words.weight]}
      rows={items.map((item) => ({
        key: item.indicatorCode,
        cells: [item.title, percent(fraction(item.weight, total), 0)],
      }))}
      note={words.weights}
    />
  );
}

/** Shares of the kinds of branches, by indicator: `kindShare.graduate-overall`. */
export function useKindNumbers(data: BranchRanking, top: string): (open: OpenNumber) => Explained | null {
  const words = useWords(panelWords);
  const { category } = useWords(domainWords);
  return (open) => {
    const [kind = "", code = ""] = open.subject.split("-", 2);
    const indicator = data.indicators.find((one) => one.code === code);
    const lines = data.branches.filter((line) => line.category === kind);
    if (open.figure !== "kindShare" || !indicator || lines.length === 0) return null;
    const sum = (part: "num" | "den") =>
      lines.reduce((total, line) => total + BigInt(line.cells[code]?.[part] ?? 0), 0n);
    const share = fraction(sum("num"), sum("den"));
    return {
      ...open,
      of: `${category[kind] ?? kind}　${indicator.title}`,
      value: percent(share),
      parts: [
        { value: count(sum("num")), unit: words.people, words: words.shareOf(top, indicator.title) },
        "÷",
        { value: count(sum("den")), unit: words.people, words: words.baseAll(indicator.title) },
      ],
      rows: (
        <PanelRows
          head={[words.branch, words.inTop, words.rankedShort]}
          rows={lines.map((line) => ({
            key: String(line.orgId),
            cells: [line.shortName, line.cells[code]?.num ?? "—", line.cells[code]?.den ?? "—"],
          }))}
        />
      ),
    };
  };
}

type Results = readonly SealedResult[];

/**
 * Score and places of people from sealed rows: `score.<person>~overall`, `place.<person>~overall~college`.
 * @param nameOf what to call a person; the reader's own report calls nobody else
 */
export function usePersonNumbers(
  results: Results,
  items: readonly SchemeItem[],
  nameOf: (id: string) => string,
): (open: OpenNumber) => Explained | null {
  const words = useWords(panelWords);
  const report = useWords(reportWords);
  return (open) => {
    const [id = "", code = "", population = "college"] = open.subject.split("~", 3);
    const find = (indicator: string) =>
      results.find(
        (row) =>
          row.subjectKind === "person" &&
          row.subjectId === id &&
          row.indicatorCode === indicator &&
          row.populationKind === population,
      );
    const row = find(code);
    if (!row || (open.figure !== "score" && open.figure !== "place")) return null;
    const title =
      code === overall ? report.overall : (items.find((item) => item.indicatorCode === code)?.title ?? code);
    const of = `${nameOf(id)}　${title}`.trim();
    if (open.figure === "place")
      return {
        ...open,
        of: `${of}　${population === "branch" ? report.inBranch : report.inCollege}`,
        value: row.rank === null ? "—" : String(row.rank),
        parts: null,
        rows: (
          <>
            <p>{words.placeRows(count(row.ofN))}</p>
            <Scores code={code} find={find} items={items} />
          </>
        ),
      };
    const value = fraction(row.scoreNum, row.scoreDen);
    return {
      ...open,
      of,
      value: score(value),
      parts: value
        ? [
            { value: String(value.num), unit: "", words: words.scoreNum },
            "÷",
            { value: String(value.den), unit: "", words: words.scoreDen },
          ]
        : null,
      rows: <Scores code={code} find={find} items={items} />,
    };
  };
}

/** What a person's overall score is made of: each indicator with its weight. */
function Scores({
  code,
  find,
  items,
}: {
  code: string;
  find: (code: string) => SealedResult | undefined;
  items: readonly SchemeItem[];
}) {
  const report = useWords(reportWords);
  const total = items.reduce((sum, item) => sum + item.weight, 0) || 1;
  const scoreOf = (row: SealedResult | undefined): Fraction | null =>
    row ? fraction(row.scoreNum, row.scoreDen) : null;
  const shown = items.filter((item) => code === overall || item.indicatorCode === code);
  return (
    <PanelRows
      head={[report.indicator, report.score, report.weight]}
      rows={shown.map((item) => ({
        key: item.indicatorCode,
        cells: [item.title, score(scoreOf(find(item.indicatorCode))), percent(fraction(item.weight, total), 0)],
      }))}
      note={report.weights}
    />
  );
}

/** The first of several finders that knows the number. */
export const anyOf =
  (...finders: ((open: OpenNumber) => Explained | null)[]) =>
  (open: OpenNumber): Explained | null => {
    for (const find of finders) {
      const found = find(open);
      if (found) return found;
    }
    return null;
  };

export const ofSums = (sums: Sums) => among(Object.values(sums));
