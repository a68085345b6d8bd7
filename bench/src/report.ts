import type { BulkFigures } from "./bulk.ts";
import type { Circumstances } from "./machine.ts";
import type { MartFigures } from "./marts.ts";
import type { PageFigures } from "./page.ts";
import type { RankingFigures } from "./ranking.ts";
import { bulkPart, martsPart, rivalPart, startPart } from "./report-more.ts";
import { fine, range, table, where, whole } from "./report-text.ts";
import type { RivalFigures } from "./rival.ts";
import { type Spread, spreadOf } from "./spread.ts";
import type { StartFigures } from "./start.ts";
import type { StreamFigures } from "./stream.ts";

type Measured<Figures> = { circumstances: Circumstances; figures: Figures };
/** What was measured, each part with its own circumstances. */
export type Results = {
  stream?: Measured<StreamFigures>;
  ranking?: Measured<RankingFigures>;
  /** The same with ten times the rows. */
  large?: Measured<RankingFigures>;
  page?: Measured<PageFigures>;
  rival?: Measured<RivalFigures>;
  marts?: Measured<MartFigures>;
  bulk?: Measured<BulkFigures>;
  start?: Measured<StartFigures>;
};

const notYet = "Not measured yet.";

/** The page docs/benchmarks.md. */
export function render({ stream, ranking, large, page, rival, marts, bulk, start }: Results): string {
  return `<!-- Written by \`npm run bench\`: change bench/src/report.ts instead. -->
# Benchmarks

\`npm run bench\` measures all of this again, on engines of its own on this machine and on loopback only, and writes this page;
\`npm run bench -- stream\`, \`rival\`, \`bulk\`, \`ranking\`, \`large\`, \`marts\`, \`page\` or \`start\` measures one part. Every figure stands beside its rival from the same run, as
least – **median** – greatest. Raw figures are in \`bench/results/\`.

## The stream

${stream ? streamPart(stream) : notYet}

## The stream beside ClickHouse's own reader

${rival ? rivalPart(rival) : notYet}

## A million rows in one transaction

${bulk ? bulkPart(bulk) : notYet}

## A ranking over a million attendance rows

${ranking ? rankingPart(ranking) : notYet}

## The same over ten million

${large ? rankingPart(large) : notYet}

## What is kept ready, and rows that were corrected

${marts ? martsPart(marts) : notYet}

## An open page

${page ? pagePart(page) : notYet}

## Starting the platform

${start ? startPart(start) : notYet}

How all of this grows with the number of members stands in [scaling.md](scaling.md).
`;
}

function streamPart({ circumstances, figures }: Measured<StreamFigures>): string {
  const { pgRecvlogical, decodeAndApply, ratios, latency, note } = figures;
  const rate = (rows: number | undefined) => (rows === undefined ? "not measured" : `${whole(rows)} rows/s`);
  return `Both drain the same ${whole(figures.rowsPerRun)} rows, in transactions of 1,000, of one replication slot, ${Math.max(ratios.length, 1)} times one after the other.
\`pg_recvlogical\` is PostgreSQL's own reader and writes the undecoded log to nowhere: the least that anybody can do. The stream decodes,
inserts into ClickHouse, and confirms. It aims at the same rate (1.0).

${table(
  ["", "median"],
  [
    ["`pg_recvlogical` to `/dev/null`", rate(pgRecvlogical)],
    ["the stream, into ClickHouse and confirmed", rate(decodeAndApply)],
    ["stream ÷ pg_recvlogical", ratios.length > 0 ? range(spreadOf(ratios), fine) : `not measured (${note ?? ""})`],
    ["processor time of the stream", `${fine(figures.cpuSecondsPerMillion)} s per million rows`],
  ],
)}

From the return of a commit to the row in \`raw\`:

${table(
  ["commits a second", "samples", "p50", "p95"],
  latency.map(({ perSecond, samples, p50, p95 }) => [
    String(perSecond),
    String(samples),
    `${whole(p50)} ms`,
    `${whole(p95)} ms`,
  ]),
)}

${where(circumstances)}`;
}

function rankingPart({ circumstances, figures }: Measured<RankingFigures>): string {
  const ms = (spread: Spread) => `${range(spread, whole)} ms`;
  return `${whole(figures.rows)} rows of one tenant, one committee and ${whole(figures.branches)} branches of 50 members, asked of Cube (REST, row security, no answer from its cache) and of PostgreSQL (one SQL
statement on the tables that the marts are made of, covering indexes made for it, vacuumed, 3 GB of shared buffers, warm). Each round
compares both answers cell by cell. Above 1, Cube is faster.

Cube reads what the refresher keeps ready: ranks, sums by month, and for the lines that say so the attendance rows themselves, joined and ordered
beforehand. PostgreSQL works it out when it is asked, except in the last line, where it has the same sums stored. What keeping ready
costs is in the second table.

${table(
  ["", "Cube over ClickHouse", "95th in a hundred", "PostgreSQL", "PostgreSQL ÷ Cube"],
  figures.queries.map(({ name, cube, postgres, ratio }) => [
    name,
    ms(cube),
    `${whole(cube.p95)} ms`,
    ms(postgres),
    range(ratio, fine),
  ]),
)}

A hundred attendance rows of one month are corrected, ${figures.refresh.shown.n} times:

${table(
  ["", "least – median – greatest"],
  [
    ["the stored attendance, the touched month computed again", ms(figures.refresh.touched)],
    ["the same, everything computed again", `${whole(figures.refresh.whole)} ms`],
    ["commit → every mart shows it, stream included", ms(figures.refresh.shown)],
    ["PostgreSQL: `REFRESH MATERIALIZED VIEW` of the roll-up by month", ms(figures.refresh.postgres)],
  ],
)}

${where(circumstances)}`;
}

function pagePart({ circumstances, figures }: Measured<PageFigures>): string {
  return `A whole platform with demo data, a real Chromium, a signed-in committee. The first lines are the time from the return of a commit in
PostgreSQL until the number has changed on an open page; the rival is a page that has to be loaded again, in the last lines.

${table(
  ["", "samples", "least – median – greatest", "p95"],
  [
    ...figures.visible.map(({ perSecond, spread }) => [
      `commit → on the open page, at ${perSecond} change${perSecond > 1 ? "s" : ""} a second`,
      String(spread.n),
      `${range(spread, whole)} ms`,
      `${whole(spread.p95)} ms`,
    ]),
    ["the ranking page, first opening", "1", `${whole(figures.cold)} ms`, ""],
    [
      "the ranking page, opened again",
      String(figures.warm.n),
      `${range(figures.warm, whole)} ms`,
      `${whole(figures.warm.p95)} ms`,
    ],
  ],
)}

${where(circumstances)}`;
}
