import fc from "fast-check";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import {
  place,
  prepareDifference,
  prepareRanges,
  prepareSlope,
  prepareSpark,
  prepareTrend,
  rangeWords,
  shareAxis,
  TrendChart,
  wilson80,
} from "../src/charts/index.ts";
import type { Fraction } from "../src/format/index.ts";

const of = (num: number, den: number): Fraction => ({ num: BigInt(num), den: BigInt(den) });
const seed = Number(process.env.SEED ?? 20261122);

describe("the 80 % Wilson interval", () => {
  // The vectors "stat.wilson80" of ranking.json.
  it.each([
    [8, 26, "0.2060", "0.4322"],
    [0, 5, "0.0000", "0.2473"],
    [5, 5, "0.7527", "1.0000"],
    [1, 2, "0.1643", "0.8357"],
    [142, 708, "0.1820", "0.2205"],
  ])("of %d in %d is %s to %s", (k, n, low, high) => {
    const interval = wilson80(k, n);
    expect([interval?.low.toFixed(4), interval?.high.toFixed(4)]).toEqual([low, high]);
  });

  it("has nothing to say without a base", () => expect(wilson80(0, 0)).toBeNull());

  it("holds the share and stays within 0 and 1", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const k = Math.round(part * n);
        const interval = wilson80(k, n);
        expect(
          interval && interval.low >= 0 && interval.low <= k / n && interval.high >= k / n && interval.high <= 1,
        ).toBe(true);
      }),
      { seed },
    );
  });
});

describe("axes", () => {
  it("ends at a round tick above the largest value, with at most six ticks", () => {
    expect(shareAxis([0.31, 0.432])).toEqual({ max: 0.5, ticks: [0, 0.1, 0.2, 0.3, 0.4, 0.5] });
    expect(shareAxis([1])).toEqual({ max: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] });
    expect(shareAxis([]).max).toBe(0.01);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
        const axis = shareAxis(values);
        expect(axis.max).toBeGreaterThanOrEqual(Math.max(...values));
        expect(axis.max).toBeLessThanOrEqual(1);
        expect(axis.ticks.length).toBeLessThanOrEqual(6);
      }),
      { seed },
    );
  });

  it("puts values between the pads and never outside", () => {
    const axis = shareAxis([0.5]);
    expect([0, 0.25, 0.5, 0.9].map((value) => place(value, axis, 8, 242))).toEqual([8, 125, 242, 242]);
  });
});

describe("ranges", () => {
  it("keep a row without a value, empty", () => {
    const { points } = prepareRanges([
      { id: "a", share: of(8, 26) },
      { id: "b", share: null },
    ]);
    expect(points[1]).toEqual({ id: "b", value: null, interval: null });
    expect(points[0]?.value).toBeCloseTo(0.3077, 4);
  });

  it("say in words what they draw", () => {
    expect(rangeWords(of(8, 26))).toBe("占比30.8%，波动范围20.6%至43.2%");
    expect(rangeWords(null)).toBeNull();
  });
});

describe("small lines", () => {
  const box = { width: 92, height: 26, pad: 4 };
  it("break where a period has no value instead of falling to 0", () => {
    const spark = prepareSpark([of(1, 2), null, of(1, 4), of(1, 2)], box, 0.5);
    expect(spark.lines.map((line) => line.length)).toEqual([1, 2]);
    expect(spark.lines.flat().every(({ y }) => y <= 13)).toBe(true);
    expect(spark.last).toEqual({ x: 88, y: 4 });
  });
  it("mark no end when the last period is missing", () =>
    expect(prepareSpark([of(1, 2), null], box, 0.5).last).toBeNull());
});

describe("differences", () => {
  it("grow from the middle to their side", () => {
    expect(prepareDifference(of(5, 100), 0.1, 100)).toEqual({ x: 50, width: 25, side: "above" });
    expect(prepareDifference(of(-10, 100), 0.1, 100)).toEqual({ x: 0, width: 50, side: "below" });
    expect(prepareDifference(of(0, 100), 0.1, 100)).toBeNull();
    expect(prepareDifference(null, 0.1, 100)).toBeNull();
  });
});

describe("trends", () => {
  const points = [
    { label: "上", share: of(1, 4) },
    { label: "中", share: null },
    { label: "下", share: of(1, 2) },
  ];
  it("hand a missing period to the chart as null", () => {
    expect(prepareTrend(points, null).data.map(({ value }) => value)).toEqual([0.25, null, 0.5]);
    expect(prepareTrend(points, 0.95).axis.max).toBe(1);
  });
  // Recharts 3 draws its marks in effects, so the server sends the empty box: it must already have its final height.
  it("hold their place before the browser draws them", () => {
    const html = renderToStaticMarkup(
      <TrendChart points={points} label="占比" height={180} size={{ width: 320, height: 180 }} />,
    );
    expect(html).toContain('style="height:180px"');
    expect(html).toContain("width:320px;height:180px");
    expect(html).toContain('aria-label="占比"');
  });
});

describe("rank moves", () => {
  const rows = [
    { id: "a", name: "甲", before: 18, after: 4 },
    { id: "b", name: "乙", before: 13, after: 3 },
    { id: "c", name: "丙", before: 1, after: 1 },
    { id: "d", name: "丁", before: 3, after: 9 },
    { id: "e", name: "戊", before: 4, after: 5 },
  ];
  it("colour the largest moves and nothing that stood still", () => {
    const tones = Object.fromEntries(prepareSlope(rows, 1).map(({ id, tone }) => [id, tone]));
    expect(tones).toEqual({ a: "up", b: "rest", c: "rest", d: "down", e: "rest" });
  });
  it("put the labels of lines that end at one rank below each other", () => {
    const tied = [
      { id: "x", name: "子", before: 2, after: 9 },
      { id: "y", name: "丑", before: 2, after: 8 },
      { id: "z", name: "寅", before: 1, after: 1 },
    ];
    expect(prepareSlope(tied).map(({ id, below }) => [id, below.before, below.after])).toEqual([
      ["z", 0, 0],
      ["x", 0, 0],
      ["y", 1, 0],
    ]);
  });
  it("draw coloured lines last", () =>
    expect(
      prepareSlope(rows, 1)
        .slice(-2)
        .map(({ id }) => id),
    ).toEqual(["a", "d"]));
});
