import type { BulkFigures } from "./bulk.ts";
import type { Circumstances } from "./machine.ts";
import type { MartFigures } from "./marts.ts";
import { fine, range, table, where, whole } from "./report-text.ts";
import type { RivalFigures } from "./rival.ts";
import { type Spread, spreadOf } from "./spread.ts";
import type { StartFigures } from "./start.ts";

type Measured<Figures> = { circumstances: Circumstances; figures: Figures };

const ms = (spread: Spread) => `${range(spread, whole)} ms`;
const one = (value: number) => value.toFixed(1);
const megabytes = (bytes: number | undefined) => (bytes === undefined ? "not told" : `${whole(bytes / 1e6)} MB`);

export function rivalPart({ circumstances, figures }: Measured<RivalFigures>): string {
  const { rounds, rows, followed, waiting, note } = figures;
  if (rounds.length === 0) return `Not measured: ${note ?? "no reason given"}\n\n${where(circumstances)}`;
  const both = (of: (side: RivalFigures["rounds"][number]["ours"]) => number) => ({
    ours: spreadOf(rounds.map((round) => of(round.ours))),
    theirs: spreadOf(rounds.map((round) => of(round.theirs))),
    ratio: spreadOf(rounds.map((round) => of(round.theirs) / of(round.ours))),
  });
  const line = (
    name: string,
    of: (side: RivalFigures["rounds"][number]["ours"]) => number,
    show: (value: Spread) => string,
  ) => {
    const { ours, theirs, ratio } = both(of);
    return [name, show(ours), show(theirs), range(ratio, fine)];
  };
  const seconds = (spread: Spread) => `${range(spread, one)} s`;
  const first = rounds[0];
  const seen = Object.keys(first?.ours.seen ?? {});
  const says = (yes: boolean | undefined) => (yes ? "arrives" : "**not there after 15 s**");
  return `ClickHouse can read PostgreSQL's log itself: the database engine MaterializedPostgreSQL, which lies in the embedded engine, too. It is told to look every 5 to 20 ms
(left alone it looks about twice a second). Both read the same rows, in ${rounds.length} rounds with a database of its own each, in turn first. It is asked inside its own process, the
stream's rows are asked for over HTTP. Above 1, the stream is faster.

${table(
  ["", "the stream", "MaterializedPostgreSQL", "MaterializedPostgreSQL ÷ stream"],
  [
    line(`first copy of ${whole(rows)} rows, start included`, (side) => side.copySeconds, seconds),
    line(
      `${whole(followed)} rows in transactions of 1,000 while following, writing included`,
      (side) => side.followSeconds,
      seconds,
    ),
    line(
      `catching up with ${whole(waiting)} rows in transactions of 1,000 that were committed while it was away`,
      (side) => side.catchUpSeconds,
      seconds,
    ),
    [
      "… beside the same engine as it comes (about two looks a second)",
      seconds(both((side) => side.catchUpSeconds).ours),
      seconds(spreadOf(rounds.map(({ untuned }) => untuned))),
      range(spreadOf(rounds.map(({ ours, untuned }) => untuned / ours.catchUpSeconds)), fine),
    ],
    line("a single row, commit → seen, median of 15", (side) => side.single.median, ms),
  ],
)}

${table(
  ["what was changed", "the stream", "MaterializedPostgreSQL"],
  seen.map((name) => [name, says(first?.ours.seen[name]), says(first?.theirs.seen[name])]),
)}
${note ? `\nA later round did not end: ${note}\n` : ""}
${where(circumstances)}`;
}

export function martsPart({ circumstances, figures }: Measured<MartFigures>): string {
  const { read, refresh, corrected } = figures;
  const times = (value: number) => `${fine(value)} ×`;
  return `${whole(figures.attendance)} attendance rows of ${whole(figures.members)} members (\`scale\` data). The roll-up by month is stored on both sides, in PostgreSQL as a materialised view with a unique
index; both are asked directly, without Cube, for the sums of all branches of a tenant over two years (${whole(read.rows)} lines), and the answers are compared.

${table(
  ["", "ClickHouse", "PostgreSQL", "PostgreSQL ÷ ClickHouse"],
  [["reading the stored sums", ms(read.clickhouse), ms(read.postgres), range(read.ratio, fine)]],
)}

A hundred attendance rows of one month of one tenant are corrected, ${refresh.touched.n} times:

${table(
  ["", "least – median – greatest", "whole ÷ touched"],
  [
    [
      `the stored attendance, the touched month computed again${refresh.parts > 1 ? ` (${refresh.parts} parts)` : ""}`,
      ms(refresh.touched),
      times(refresh.whole / refresh.touched.median),
    ],
    ["the same, everything computed again", `${whole(refresh.whole)} ms`, ""],
    [
      "commit → every mart shows it, stream included",
      ms(refresh.round.touched),
      times(refresh.round.whole / refresh.round.touched.median),
    ],
    ["the same, everything computed again", `${whole(refresh.round.whole)} ms`, ""],
    ["PostgreSQL: `REFRESH MATERIALIZED VIEW` of the roll-up alone, readers wait", ms(refresh.postgres), ""],
    ["PostgreSQL: the same `CONCURRENTLY`, readers do not wait", ms(refresh.postgresConcurrently), ""],
  ],
)}

Then every twentieth row is corrected (${whole(corrected.rows)}, ${fine(corrected.share * 100)} %), in transactions of a thousand; the landing table has ${corrected.parts} parts at that moment. The same sums by branch, asked in
four ways, the answers compared each time. Aim: the mart takes at most twice as long as a table in which everything is merged already.

${table(
  ["", "least – median – greatest", "÷ the mart"],
  corrected.ways.map(({ name, spread, ratio }) => [name, ms(spread), range(ratio, fine)]),
)}

${where(circumstances)}`;
}

export function bulkPart({ circumstances, figures }: Measured<BulkFigures>): string {
  const { rows, one: large, small, memory } = figures;
  return `${whole(rows)} rows in one transaction, the stream attached and in a process of its own; beside it ${whole(small.rows)} rows in transactions of 1,000 that waited in the log.

${table(
  ["", ""],
  [
    ["writing it, until the statement has returned", `${one(large.write)} s`],
    ["commit → first row in ClickHouse", `${one(large.first)} s`],
    ["commit → last row in ClickHouse", `${one(large.last)} s (${whole(large.rowsPerSecond)} rows/s)`],
    [
      "transactions of 1,000 out of the log, first seen to last",
      `${one(small.seconds)} s (${whole(small.rowsPerSecond)} rows/s)`,
    ],
    ["large ÷ small, rows a second", fine(large.rowsPerSecond / small.rowsPerSecond)],
    ["memory of the stream before", megabytes(memory.before.now)],
    ["memory of the stream after it, and at most", `${megabytes(memory.after.now)}, ${megabytes(memory.after.peak)}`],
    ["spilled to disk by PostgreSQL", megabytes(large.spilled)],
  ],
)}

${where(circumstances)}`;
}

export function startPart({ circumstances, figures }: Measured<StartFigures>): string {
  const { cold, warm } = figures;
  const line = (name: string, of: keyof StartFigures["cold"]) => [
    name,
    `${one(cold[of])} s`,
    `${range(warm[of], one)} s`,
    fine(cold[of] / warm[of].median),
  ];
  return `From the start of the command, the checkout built. Cold: nothing is there, so clusters, tables, demo data and marts are made. Warm: the data are there, ${warm.ready.n} starts.

${table(
  ["", "cold", "warm", "cold ÷ warm"],
  [
    line("the one address answers", "front"),
    line("the operational app answers through it", "ops"),
    line("the analytics app answers through it", "insights"),
    line("every part is ready, marts and Cube included", "ready"),
  ],
)}

${where(circumstances)}`;
}
