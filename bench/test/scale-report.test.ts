import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ScaleFigures } from "../src/scale-measure.ts";
import { drawScale } from "../src/scale-picture.ts";
import { pageNames } from "../src/scale-questions.ts";
import { renderScale } from "../src/scale-report.ts";
import { spreadOf } from "../src/spread.ts";

const figuresOf = (members: number): ScaleFigures => ({
  members,
  tenants: Math.ceil(members / 20_000),
  organisations: Math.round(members / 19),
  rows: { all: members * 38, published: members * 36, attendance: members * 29 },
  load: { copySeconds: members / 2_000, keysSeconds: members / 8_000, rowsPerSecond: 60_000, fingerprint: "0" },
  disk: { postgres: members * 10_000, clickhouse: members * 4_000 },
  stream: {
    firstCopySeconds: members / 3_000,
    firstCopyRowsPerSecond: 100_000,
    backlog: { rows: 50_000, seconds: 1, rowsPerSecond: 50_000 },
  },
  marts: {
    deploySeconds: members / 1_000,
    whole: { roundMs: members / 4, tables: { int_attendance: members / 5 } },
    touched: { roundMs: spreadOf([members / 10]), tables: { int_attendance: spreadOf([members / 50]) } },
    partitions: 25,
  },
  pages: pageNames.map((name) => ({
    name,
    spread: spreadOf([members / 100]),
    rows: 26,
  })),
  memory: {
    postgres: { now: 1e8, peak: undefined },
    engine: { now: 5e8, peak: 1e9 },
    stream: { now: 1e8, peak: 2e8 },
    warehouse: { now: undefined, peak: undefined },
    cube: { now: 2e8, peak: 4e8 },
  },
  seconds: 60,
});
const sizes = [10_000, 100_000, 1_000_000];
const circumstances = {
  date: "2026-11-22 12:00 UTC",
  cpu: "a processor",
  cores: 2,
  memoryGiB: 24,
  system: "Linux 6",
  node: "v24",
  load: { before: 1, after: 9 },
};

describe("what npm run scale writes", () => {
  it("SCALE-07: has a column for every size that was measured, and names those that were left out with the reason", () => {
    const text = renderScale({
      runs: sizes.map((members) => ({ circumstances, figures: figuresOf(members) })),
      leftOut: [{ members: 4_000_000, reason: "It would need about 112 GB of disk." }],
    });
    expect(text).toContain("|  | 10,000 members | 100,000 members | 1,000,000 members |");
    const columns = text
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.split("|").length);
    expect(new Set(columns)).toEqual(new Set([sizes.length + 3]));
    expect(text).toContain("- 4,000,000 members: not run. It would need about 112 GB of disk.");
    // A busy machine is said to be one, beside its figures.
    expect(text.match(/the machine was busy/g)).toHaveLength(sizes.length);
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it("SCALE-10: tells a size whose rows were copied inside ClickHouse, and what was not measured there", () => {
    const { load: _load, stream: _stream, ...rest } = figuresOf(3_600_000);
    const copied = {
      ...rest,
      copied: { loaded: 300_000, times: 12, seconds: 120 },
      rows: { published: 127_000_000, attendance: 104_961_768 },
      disk: { clickhouse: 2e10 },
    };
    const runs = [figuresOf(300_000), copied].map((figures) => ({ circumstances, figures }));
    const text = renderScale({ runs, leftOut: [] });
    const line = (name: string) => text.split("\n").find((one) => one.startsWith(`| ${name}`));
    expect(text).toContain("|  | 300,000 members | 3,600,000 members |");
    expect(text).toContain("- 3,600,000 members: 300,000 were loaded into PostgreSQL");
    expect(line("load by COPY")).toMatch(/ s \| {2}\|$/);
    expect(line("rows that travel")).toContain("127,000,000, 104,961,768");
    expect(text).not.toMatch(/NaN|undefined/);
    expect(drawScale(runs.map(({ figures }) => figures))).not.toMatch(/NaN|undefined/);
  });

  it("SCALE-08: draws what grows ten times as one straight line, a point for each size", () => {
    const picture = drawScale(sizes.map(figuresOf));
    const lines = [...picture.matchAll(/<polyline points="([^"]+)"/g)].map(([, points = ""]) =>
      points.split(" ").map((point) => point.split(",").map(Number) as [number, number]),
    );
    expect(lines).toHaveLength(8);
    for (const points of lines) {
      expect(points).toHaveLength(sizes.length);
      const [[x0, y0], [x1, y1], [x2, y2]] = points as [[number, number], [number, number], [number, number]];
      expect(x2 - x1).toBeCloseTo(x1 - x0, 0);
      expect(y1 - y2).toBeCloseTo(y0 - y1, 0);
      expect(y0).toBeGreaterThan(y1);
    }
    expect(picture).not.toMatch(/NaN|undefined/);
  });

  it("SCALE-09: finds its place in docs/scaling.md", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/scaling.md"), "utf8");
    const [begin, end] = ["<!-- measured by `npm run scale` -->", "<!-- end of what was measured -->"];
    expect(page.split(begin)).toHaveLength(2);
    expect(page.split(end)).toHaveLength(2);
    expect(page.indexOf(end)).toBeGreaterThan(page.indexOf(begin));
    expect(readFileSync(join(import.meta.dirname, "../src/scale.ts"), "utf8")).toContain(begin);
  });
});
