import type { RankChange } from "../format/index.ts";

export type RankChangeWords = {
  up: (by: number) => string;
  down: (by: number) => string;
  same: string;
  fresh: string;
  none: string;
};

/** ▲5 in blue, ▼3 in ochre, — for no change, 新 for new. Never red and green: readers disagree on what they mean. */
export function RankMove({ change, words }: { change: RankChange; words: RankChangeWords }) {
  if (change.kind === "none") return <span className="xf-move xf-flat" title={words.none} />;
  if (change.kind === "new") return <span className="xf-move xf-flat">{words.fresh}</span>;
  if (change.kind === "same")
    return (
      <span className="xf-move xf-flat" aria-label={words.same} role="img">
        —
      </span>
    );
  const up = change.kind === "up";
  return (
    <span
      className={`xf-move ${up ? "xf-up" : "xf-down"}`}
      role="img"
      aria-label={up ? words.up(change.by) : words.down(change.by)}
    >
      <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
        <path d={up ? "M4 .5 8 7.5H0z" : "M4 7.5 0 .5h8z"} fill="currentColor" />
      </svg>
      {change.by}
    </span>
  );
}
