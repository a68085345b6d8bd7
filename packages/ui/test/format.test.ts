import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asOf,
  compareFractions,
  count,
  decimal,
  elapsed,
  type Fraction,
  fraction,
  large,
  moment,
  percent,
  points,
  rankChange,
  scaled,
  score,
  sharedRanks,
  signed,
  smallCell,
  subtract,
} from "../src/format/index.ts";

const of = (num: number | bigint, den: number | bigint): Fraction => ({ num: BigInt(num), den: BigInt(den) });
const seed = Number(process.env.SEED ?? 20261122);

describe("fractions", () => {
  it("keep a missing value apart from 0", () => {
    expect(fraction(null, 5)).toBeNull();
    expect(fraction("0", "0")).toBeNull();
    expect(fraction("0", "5")).toEqual(of(0, 5));
    expect(percent(null)).toBe("—");
    expect(percent(of(0, 5))).toBe("0.0%");
  });

  it("compare exactly beyond 2^53", () => {
    const a = of(3002399751580331n, 9007199254740991n);
    expect(compareFractions(a, of(1, 3))).toBe(1);
    expect(compareFractions(of(2, 6), of(3, 9))).toBe(0);
    expect(compareFractions(of(-1, 3), of(1, 3))).toBe(-1);
  });

  it("round half away from zero, and stay within half a step", () => {
    expect([of(1, 2), of(-1, 2), of(3, 2), of(5, 1000)].map((value) => scaled(value, 0))).toEqual([1n, -1n, 2n, 0n]);
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 10n ** 20n }),
        fc.integer({ min: 0, max: 4 }),
        (num, den, digits) => {
          const steps = scaled({ num, den }, digits);
          // |steps / 10^d − num / den| ≤ 1 / (2 · 10^d), in whole numbers.
          const off = 2n * (steps * den - num * 10n ** BigInt(digits));
          expect(off <= den && off >= -den).toBe(true);
        },
      ),
      { seed },
    );
  });

  it("subtract without losing anything", () => {
    expect(percent(subtract(of(8, 26), of(6, 26)))).toBe("7.7%");
  });
});

describe("numbers", () => {
  it.each([
    [of(8, 26), "30.8%"],
    [of(1, 12), "8.3%"],
    [of(1, 1), "100.0%"],
    [of(9, 29), "31.0%"],
    [of(142, 708), "20.1%"],
    // 0.0625 = 6.25 % is exact in binary, 0.1235 is not: both go up.
    [of(625, 10000), "6.3%"],
    [of(1235, 10000), "12.4%"],
    [of(2005, 10000), "20.1%"],
  ])("share %o is %s", (value, text) => expect(percent(value)).toBe(text));

  it("shows shares as whole numbers in matrices", () => expect(percent(of(205, 1000), 0)).toBe("21%"));

  it("shows differences in points with their sign", () => {
    expect(points(of(23, 1000))).toBe("+2.3");
    expect(points(of(-7, 1000))).toBe("−0.7");
    expect(points(of(1, 100000))).toBe("0.0");
    expect(points(of(-1, 100000))).toBe("0.0");
  });

  it("groups by three and writes a real minus", () => {
    expect([0, 12, 1286, -1286, 1234567].map((value) => count(value))).toEqual([
      "0",
      "12",
      "1,286",
      "−1,286",
      "1,234,567",
    ]);
    expect(count(null)).toBe("—");
    expect([2, -3, 0].map(signed)).toEqual(["+2", "−3", "0"]);
  });

  it.each([
    [9999, "9,999"],
    [10000, "1.0万"],
    [12345, "1.2万"],
    [99_994_999, "9,999.5万"],
    [99_995_000, "1.0亿"],
    [-25000, "−2.5万"],
  ])("%d in text is %s", (value, text) => expect(large(value)).toBe(text));

  it("scores on the scale of 100", () => {
    expect(score(of(9127, 10000))).toBe("91.3");
    expect(decimal(of(1, 3), 2)).toBe("0.33");
    expect(decimal(of(-1, 200), 1)).toBe("0.0");
  });

  it("hides small cells, never a true 0", () =>
    expect(["hidden" as const, 0, 7].map(smallCell)).toEqual(["<5", "0", "7"]));
});

describe("dates", () => {
  it("reads instants on the clock in Shanghai", () => {
    expect(asOf("2026-11-22T01:30:07.412Z", "2026-11-22")).toBe("09:30:07");
    expect(asOf("2026-11-21T16:00:00Z", "2026-11-22")).toBe("00:00:00");
    expect(asOf("2026-11-20T15:59:59Z", "2026-11-22")).toBe("2026年11月20日 23:59:59");
    expect(moment("2026-09-18T02:12:00Z", 2026)).toBe("9月18日 10:12");
    expect(moment("2025-12-31T16:05:00Z", 2025)).toBe("2026年1月1日 00:05");
  });

  it.each([
    [45, "45秒"],
    [372, "6分12秒"],
    [360, "6分钟"],
    [7500, "2小时5分"],
    [260_000, "3天"],
    [-4, "0秒"],
  ])("%d seconds are %s", (seconds, text) => expect(elapsed(seconds)).toBe(text));
});

describe("ranks", () => {
  it("names shared ranks", () => expect([...sharedRanks([1, 2, 2, 4, null, null])]).toEqual([2]));

  it("counts a climb as plus, and says nothing without a comparable run", () => {
    expect(rankChange(2, 7, true)).toEqual({ kind: "up", by: 5 });
    expect(rankChange(7, 2, true)).toEqual({ kind: "down", by: 5 });
    expect(rankChange(2, 2, true)).toEqual({ kind: "same" });
    expect(rankChange(2, null, true)).toEqual({ kind: "new" });
    expect(rankChange(2, null, false)).toEqual({ kind: "none" });
    expect(rankChange(null, 2, true)).toEqual({ kind: "none" });
  });
});
