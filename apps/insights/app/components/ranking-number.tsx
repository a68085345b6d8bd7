import { asOf, count, moment, percent } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import type { RunDetail } from "../../server/domain.ts";
import { dataDay } from "../lib/data-day.ts";
import type { OpenNumber } from "../lib/panel.ts";
import type { RankingRow, RankingTable } from "../lib/ranking.ts";
import { panelWords } from "../messages/panel.ts";
import { BranchPeople } from "./branch-people.tsx";
import { NumberPanel, type NumberPanelProps } from "./number-panel.tsx";

/** The number panel for a figure of the ranking. */
export function RankingNumber({
  open,
  row,
  table,
  indicator,
  detail,
  top,
  today,
  at,
  onClose,
}: {
  open: OpenNumber;
  row: RankingRow;
  table: RankingTable;
  indicator: { code: string; title: string };
  detail: RunDetail;
  top: string;
  today: string;
  at: string | null;
  onClose: () => void;
}) {
  const words = useWords(panelWords);
  const time = at ? asOf(at, today) : "—";
  const sealed = detail.state === "sealed" && detail.sealedAt;
  const shared: Pick<NumberPanelProps, "figure" | "subject" | "top" | "time" | "technical" | "onClose"> = {
    figure: open.figure,
    subject: `${row.name}　${indicator.title}`,
    top,
    onClose,
    time: (
      <p>
        {sealed
          ? words.sealed(dataDay(detail.asOfOn, sealed), detail.versionNo, moment(sealed, Number(today.slice(0, 4))))
          : detail.state === "preview"
            ? words.preview(time)
            : words.live(time)}
      </p>
    ),
    technical: [
      [words.mart, "fct_evaluation_org"],
      [words.formula, "score_v1"],
      ...(detail.digest
        ? ([[words.digest, `${detail.digest.slice(0, 6)}…${detail.digest.slice(-4)}`]] as [string, string][])
        : []),
    ],
  };
  const people = (
    <BranchPeople run={detail.id} preview={detail.state === "preview"} branch={row.orgId} indicator={indicator.code} />
  );
  const counted = (
    <>
      <p>{words.counted(row.inTop ?? "0", count(row.ranked), row.missing)}</p>
      {row.missing > 0 && <p className="mut">{words.missingWhy}</p>}
      {people}
    </>
  );
  if (open.figure === "rank") {
    const better = table.rows.filter(
      (other) => other.rank !== null && row.rank !== null && other.rank < row.rank,
    ).length;
    return (
      <NumberPanel
        {...shared}
        value={row.rank === null ? "—" : String(row.rank)}
        parts={
          table.whole && row.rank !== null
            ? [
                { value: String(better), unit: words.orgs, words: words.better },
                "+",
                { value: "1", unit: words.orgs, words: words.plusOne },
              ]
            : null
        }
        rows={<p>{words.rankRows(row.ofN)}</p>}
      />
    );
  }
  const base = {
    value: count(row.ranked),
    unit: words.people,
    words: words.base(indicator.title),
  };
  if (open.figure === "share")
    return (
      <NumberPanel
        {...shared}
        value={percent(row.share).replace("%", "")}
        unit={row.share ? "%" : undefined}
        parts={
          row.share
            ? [{ value: row.inTop ?? "0", unit: words.people, words: words.shareOf(top, indicator.title) }, "÷", base]
            : null
        }
        rows={counted}
      />
    );
  const all = {
    value: count(row.evaluated),
    unit: words.people,
    words: words.all,
  };
  const isMissing = open.figure === "missing";
  return (
    <NumberPanel
      {...shared}
      value={count(isMissing ? row.missing : row.ranked)}
      parts={[all, "−", isMissing ? base : { value: count(row.missing), unit: words.people, words: words.missing }]}
      rows={counted}
    />
  );
}
