import { count, percent } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import { BranchPeople } from "../components/branch-people.tsx";
import type { OpenNumber } from "../figures.ts";
import type { Explained } from "../lib/explain.ts";
import { queryAddress } from "../lib/named.ts";
import type { RankingRow, RankingTable } from "../lib/ranking.ts";
import { frameWords } from "../messages/frame.ts";
import { panelWords } from "../messages/panel.ts";

export type RankingSource = {
  table: RankingTable;
  indicator: { code: string; title: string };
  run: { id: string; preview: boolean };
  top: string;
};

/** Numbers of one branch in a ranking: its share, rank, and how many were ranked or are missing. */
export function useRankingNumbers({
  table,
  indicator,
  run,
  top,
}: RankingSource): (open: OpenNumber) => Explained | null {
  const words = useWords(panelWords);
  return (open) => {
    const row = table.rows.find(({ orgId }) => String(orgId) === open.subject);
    if (!row) return null;
    const base = { value: count(row.ranked), unit: words.people, words: words.base(indicator.title) };
    const all = { value: count(row.evaluated), unit: words.people, words: words.all };
    const of = `${row.name}　${indicator.title}`;
    const shared = { ...open, of, rows: <Counted row={row} run={run} indicator={indicator.code} />, foot: undefined };
    const foot = <PeopleFile row={row} run={run} indicator={indicator.code} />;
    switch (open.figure) {
      case "share":
        return {
          ...shared,
          foot,
          value: percent(row.share).replace("%", ""),
          unit: row.share ? "%" : undefined,
          parts: row.share
            ? [{ value: row.inTop ?? "0", unit: words.people, words: words.shareOf(top, indicator.title) }, "÷", base]
            : null,
        };
      case "inTop":
        return { ...shared, foot, value: row.inTop ?? "—", unit: words.people, parts: null };
      case "evaluated":
        return {
          ...shared,
          foot,
          value: count(row.evaluated),
          parts: [base, "+", { value: count(row.missing), unit: words.people, words: words.missing }],
        };
      case "rank":
        return { ...shared, value: row.rank === null ? "—" : String(row.rank), ...rankOf(words, table, row) };
      case "ranked":
        return {
          ...shared,
          foot,
          value: count(row.ranked),
          parts: [all, "−", { value: count(row.missing), unit: words.people, words: words.missing }],
        };
      case "missing":
        return { ...shared, foot, value: count(row.missing), parts: [all, "−", base] };
      default:
        return null;
    }
  };
}

const columns = ["rank", null, null, "inTop", "ranked", "share", "missing", "evaluated"] as const;

/** Which number a cell of the ranking's table is. */
export function rankingNumberOf(table: RankingTable, row: number, column: number): OpenNumber | null {
  const [figure, orgId] = [columns[column] ?? null, table.rows[row]?.orgId];
  return figure && orgId !== undefined ? { figure, subject: String(orgId) } : null;
}

type PanelWords = ReturnType<typeof useWords<(typeof panelWords)["zh-CN"]>>;

function rankOf(words: PanelWords, table: RankingTable, row: RankingRow): Pick<Explained, "parts" | "rows"> {
  const better = table.rows.filter((other) => other.rank !== null && row.rank !== null && other.rank < row.rank).length;
  return {
    parts:
      table.whole && row.rank !== null
        ? [
            { value: String(better), unit: words.orgs, words: words.better },
            "+",
            { value: "1", unit: words.orgs, words: words.plusOne },
          ]
        : null,
    rows: <p>{words.rankRows(row.ofN)}</p>,
  };
}

type Of = { row: RankingRow; run: RankingSource["run"]; indicator: string };

function Counted({ row, run, indicator }: Of) {
  const words = useWords(panelWords);
  return (
    <>
      <p>{words.counted(row.inTop ?? "0", count(row.ranked), row.missing)}</p>
      {row.missing > 0 && <p className="mut">{words.missingWhy}</p>}
      <BranchPeople run={run.id} preview={run.preview} branch={row.orgId} indicator={indicator} />
    </>
  );
}

/** The same rows as a file. With names it says who took it, and the trail says so too. */
function PeopleFile({ row, run, indicator }: Of) {
  const words = useWords(panelWords);
  const { csv } = useWords(frameWords);
  const params = { run: run.id, branch: String(row.orgId), indicator };
  return (
    <>
      <a
        className="btn"
        href={queryAddress(run.preview ? "preview-people" : "branch-people", params, { format: "csv" })}
        download
        aria-label={csv}
      >
        {words.csv}
      </a>
      <span className="mut sm">{words.csvLogged}</span>
    </>
  );
}
