"use client";

import { percent, rankChange } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import { evaluationWords } from "../../words.ts";

/** 2000 → 20%, 1250 → 12.5% */
export const shareText = (bp: number): string => percent({ num: BigInt(bp), den: 10_000n }, bp % 100 === 0 ? 0 : 1);

/** A rank with the size of its field; said when it is missing, and when it is shared. */
export function RankText({
  rank,
  of,
  tied,
}: {
  rank: number | null | undefined;
  of: (words: { ofBranches: (n: number) => string; ofPeople: (n: number) => string }) => string;
  tied: boolean;
}) {
  const words = useWords(evaluationWords).report;
  if (rank === null || rank === undefined) return <span className="ev-none">{words.noRank}</span>;
  return (
    <span className="ev-rank">
      <b>{words.rankText(rank)}</b>
      {tied ? <small>{words.tied}</small> : null}
      <small>{of(words)}</small>
    </span>
  );
}

/** How a rank moved since the period before: a shape and a number, and the same in words. */
export function Change({ rank, before }: { rank: number | null; before: number | null }) {
  const words = useWords(evaluationWords).report;
  const change = rankChange(rank, before, before !== null);
  if (change.kind === "up" || change.kind === "down") {
    const up = change.kind === "up";
    return (
      <span
        className={up ? "ev-up" : "ev-down"}
        role="img"
        aria-label={up ? words.up(change.by) : words.down(change.by)}
      >
        {up ? "▲" : "▼"}
        {change.by}
      </span>
    );
  }
  return (
    <span className="ev-none" title={change.kind === "same" ? words.same : ""}>
      —
    </span>
  );
}
