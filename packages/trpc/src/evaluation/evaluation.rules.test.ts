import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunResult, RunValue } from "../kernel/index.ts";
import { covers, digestOf, lsnToNumber, percentToBp, periodTitle } from "./evaluation.rules.ts";

const seed = Number(process.env.SEED ?? 20_261_122);
const check = <Args extends unknown[]>(property: fc.IProperty<Args>) => fc.assert(property, { seed, numRuns: 500 });

describe("percentToBp", () => {
  it("reads every percentage back from each way to write it", () => {
    check(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (bp) => {
        const whole = Math.floor(bp / 100);
        const rest = String(bp % 100).padStart(2, "0");
        expect(percentToBp(`${whole}.${rest}`)).toBe(bp);
        expect(percentToBp(` ${whole}.${rest} % `)).toBe(bp);
        expect(
          percentToBp(`${whole}.${rest}`.replace(/\d/g, (digit) => "０１２３４５６７８９"[Number(digit)] ?? "")),
        ).toBe(bp);
        if (bp % 100 === 0) expect(percentToBp(String(whole))).toBe(bp);
        if (bp % 10 === 0) expect(percentToBp(String(bp / 100))).toBe(bp);
      }),
    );
  });

  it("answers a whole number from 0 to 10,000 or null to anything typed", () => {
    check(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.double().map(String)), (typed) => {
        const bp = percentToBp(typed);
        if (bp !== null) expect(Number.isInteger(bp) && bp >= 0 && bp <= 10_000).toBe(true);
      }),
    );
  });

  it.each([
    "",
    "%",
    "-0.01",
    "−1",
    "+5",
    "100.01",
    "1e2",
    "1e309",
    "NaN",
    "Infinity",
    "0.001",
    "86,5",
    "3,000.005",
    "１２３４",
    "八十",
    "0x10",
    ".5",
    "5.",
    "86.5分",
    "1 2",
  ])("does not take %j for a percentage", (typed) => expect(percentToBp(typed)).toBeNull());
});

const run = { id: "r", periodId: "p", schemeVersionId: "s", asOfOn: "2026-12-31" };
const whole = fc.option(fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String), { nil: null });
const value: fc.Arbitrary<RunValue> = fc.record({
  subjectKind: fc.constantFrom("person", "branch"),
  subjectId: fc.uuid(),
  indicatorCode: fc.constantFrom("attendance_rate", "theory_learning", "指标"),
  groupOrgId: fc.nat(),
  valueNum: whole,
  valueDen: whole,
});
const result: fc.Arbitrary<RunResult> = fc.record({
  populationKind: fc.constantFrom("college", "branch"),
  populationOrgId: fc.nat(),
  subjectKind: fc.constantFrom("person", "branch"),
  subjectId: fc.uuid(),
  indicatorCode: fc.constantFrom("overall", "theory_learning"),
  groupOrgId: fc.nat(),
  scoreNum: whole,
  scoreDen: whole,
  rank: fc.option(fc.nat(), { nil: null }),
  ofN: fc.nat(),
  isTop: fc.boolean(),
  prevRank: fc.option(fc.nat(), { nil: null }),
});

describe("digestOf", () => {
  it("does not depend on the order in which rows were read", () => {
    check(
      fc.property(
        fc
          .array(value, { maxLength: 20 })
          .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        fc
          .array(result, { maxLength: 20 })
          .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        ([values, otherValues], [results, otherResults]) => {
          expect(digestOf(run, otherValues, otherResults)).toBe(digestOf(run, values, results));
        },
      ),
    );
  });

  it("depends on every single cell", () => {
    check(
      fc.property(result, fc.constantFrom("rank", "ofN", "groupOrgId", "prevRank"), (row, column) => {
        const changed = { ...row, [column]: (row[column as "ofN"] ?? -1) + 1 };
        expect(digestOf(run, [], [changed])).not.toBe(digestOf(run, [], [row]));
        expect(digestOf(run, [], [{ ...row, isTop: !row.isTop }])).not.toBe(digestOf(run, [], [row]));
        expect(digestOf({ ...run, asOfOn: "2026-12-30" }, [], [row])).not.toBe(digestOf(run, [], [row]));
        expect(digestOf(run, [], [row, row])).not.toBe(digestOf(run, [], [row]));
      }),
    );
  });
});

describe("positions in the write-ahead log", () => {
  it("are compared as whole numbers, not as text", () => {
    expect(lsnToNumber("16/B374D848")).toBe(0x16_b374_d848n);
    expect(lsnToNumber("0/0")).toBe(0n);
    expect(covers(String(lsnToNumber("A/0")), "9/FFFFFFFF")).toBe(true);
    expect(covers(String(lsnToNumber("9/FFFFFFFF")), "A/0")).toBe(false);
    expect(covers(String(lsnToNumber("A/0")), "A/0")).toBe(true);
  });
});

it("names a half-year", () => {
  expect(periodTitle({ year: 2026, ordinal: 1 })).toBe("2026年上半年");
  expect(periodTitle({ year: 2026, ordinal: 2 })).toBe("2026年下半年");
});
