import type { Circumstances } from "./machine.ts";
import { table, where, whole } from "./report-text.ts";
import type { ScaleFigures } from "./scale-measure.ts";
import type { Spread } from "./spread.ts";

export type ScaleRun = { circumstances: Circumstances; figures: ScaleFigures };
/** Sizes that were measured, smallest first, and those that were left out, with the reason. */
export type ScaleResults = { runs: ScaleRun[]; leftOut: { members: number; reason: string }[] };

const gigabytes = (bytes: number | undefined) =>
  bytes === undefined ? "not told" : bytes < 1e9 ? `${whole(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
const seconds = (value: number) => `${value < 10 ? value.toFixed(1) : whole(value)} s`;
const milliseconds = (value: number | undefined) => (value === undefined ? "" : `${whole(value)} ms`);
const p50p95 = ({ median, p95 }: Spread) => `${whole(median)} / ${whole(p95)} ms`;

type Line = [string, (figures: ScaleFigures) => string];

/** The part of docs/scaling.md that the command writes. */
export function renderScale({ runs, leftOut }: ScaleResults): string {
  if (runs.length === 0) return "Not measured yet.";
  const sheet = (lines: Line[]) =>
    table(
      ["", ...runs.map(({ figures }) => `${whole(figures.members)} members`)],
      lines.map(([name, show]) => [name, ...runs.map(({ figures }) => show(figures))]),
    );
  const pages = runs[0]?.figures.pages.map(({ name }) => name) ?? [];
  const kept = [...new Set(runs.flatMap(({ figures }) => Object.keys(figures.marts.touched.tables)))];
  const copies = runs.flatMap(({ figures: { members, copied } }) => (copied ? [{ members, ...copied }] : []));
  const spread = (from: Record<string, Spread>, name: string) => {
    const found = from[name];
    return found ? `${whole(found.min)} – **${whole(found.median)}** – ${whole(found.max)} ms` : "";
  };
  return `![How load, copy, build, refresh and pages grow with the number of members](pictures/scaling.svg)

${sheet([
  ["tenants, organisations", (f) => `${whole(f.tenants)}, ${whole(f.organisations)}`],
  ["rows that travel, of them attendance", (f) => `${whole(f.rows.published)}, ${whole(f.rows.attendance)}`],
  ["rows in PostgreSQL", (f) => (f.rows.all === undefined ? "" : whole(f.rows.all))],
  [
    "load by COPY, keys made and checked",
    ({ load }) => (load ? `${seconds(load.copySeconds)} + ${seconds(load.keysSeconds)}` : ""),
  ],
  ["… rows a second", ({ load }) => (load ? whole(load.rowsPerSecond) : "")],
  ["disk: PostgreSQL without its log", ({ disk }) => (disk.postgres === undefined ? "" : gigabytes(disk.postgres))],
  ["disk: ClickHouse, landing tables and marts", (f) => gigabytes(f.disk.clickhouse)],
  ["stream: first copy from its start", ({ stream }) => (stream ? seconds(stream.firstCopySeconds) : "")],
  ["… rows a second", ({ stream }) => (stream ? whole(stream.firstCopyRowsPerSecond) : "")],
  [
    "stream: catching up with corrections made while it was away",
    ({ stream }) => (stream ? `${whole(stream.backlog.rows)} rows in ${seconds(stream.backlog.seconds)}` : ""),
  ],
  ["dbt's deployment with the first build of all marts", (f) => seconds(f.marts.deploySeconds)],
  ["partitions of the table kept by month", (f) => whole(f.marts.partitions)],
])}

A hundred attendance rows of one month of one tenant are corrected, ${runs[0]?.figures.marts.touched.roundMs.n} times; and everything is computed again once:

${sheet([
  ["commit → every mart shows it", (f) => spread({ round: f.marts.touched.roundMs }, "round")],
  ...kept.map((name): Line => [`… of that \`${name}\``, (f) => spread(f.marts.touched.tables, name)]),
  ["everything computed again", ({ marts }) => (marts.whole ? seconds(marts.whole.roundMs / 1000) : "")],
  ...kept.map((name): Line => [`… of that \`${name}\``, (f) => milliseconds(f.marts.whole?.tables[name])]),
])}

What pages ask, through Cube with row security, each time for another committee, no answer from its cache, median / 95th in a hundred of ${runs[0]?.figures.pages[0]?.spread.n}:

${sheet(
  pages.map(
    (name): Line => [
      name,
      (f) => {
        const page = f.pages.find((one) => one.name === name);
        return page ? `${p50p95(page.spread)} (up to ${whole(page.rows)} rows)` : "";
      },
    ],
  ),
)}

Memory, at the end / at most (PostgreSQL with all its workers, what they share counted once):

${sheet(
  (["postgres", "engine", "stream", "warehouse", "cube"] as const).map(
    (part): Line => [
      part,
      ({ memory }) => {
        const { now, peak } = memory[part];
        return peak === undefined ? gigabytes(now) : `${gigabytes(now)} / ${gigabytes(peak)}`;
      },
    ],
  ),
)}

${copies
  .map(
    ({ members, loaded, times, seconds: took }) =>
      `- ${whole(members)} members: ${whole(loaded)} were loaded into PostgreSQL and copied by the stream; their landed rows were then made ${times} times inside ClickHouse, each time as other tenants under other ids, in ${seconds(took)}. Attendance and counts by month and the evaluation, of which the marts are made, were seen to be the same in each copy. Pages ask about the loaded ones, changes are made in PostgreSQL.\n`,
  )
  .join(
    "",
  )}${runs.map(({ circumstances, figures }) => `- ${whole(figures.members)} members, ${seconds(figures.seconds)} in all. ${where(circumstances)}`).join("\n")}
${leftOut.map(({ members, reason }) => `- ${whole(members)} members: not run. ${reason}`).join("\n")}`.trimEnd();
}
