import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays } from "./calendar.ts";
import { changeFrom, correctRow, endOn, holdsOn, type Rewrite, type Span } from "./timeline.ts";

type Row = Span & { what: string };
const rows: Row[] = [
  { id: "a", validFrom: "2020-01-01", validTo: "2022-09-01", what: "one" },
  { id: "b", validFrom: "2022-09-01", validTo: null, what: "two" },
];

/** The rows believed after a rewrite. */
const after = (before: readonly Row[], { supersede, insert }: Rewrite<Row>): Row[] => [
  ...before.filter((row) => !supersede.includes(row.id)),
  ...insert.map((row, at) => ({ ...row, id: `new-${at}` }) as Row),
];

const what = (list: readonly Row[], day: string) => holdsOn(list, day)?.what;

describe("changeFrom", () => {
  it("ends the open row on the day and begins the changed one", () => {
    const now = after(rows, changeFrom(rows, "2026-05-01", { what: "three" }));
    expect([what(now, "2022-08-31"), what(now, "2026-04-30"), what(now, "2026-05-01")]).toEqual([
      "one",
      "two",
      "three",
    ]);
  });

  it("replaces the open row when it began on that day", () => {
    const now = after(rows, changeFrom(rows, "2022-09-01", { what: "three" }));
    expect(now).toHaveLength(2);
    expect(what(now, "2030-01-01")).toBe("three");
  });

  it("refuses a day before the last change, naming it", () => {
    expect(() => changeFrom(rows, "2021-01-01", { what: "three" })).toThrow("2022-09-01");
  });

  it("refuses a day on which nothing holds", () => {
    expect(() => changeFrom([] as Row[], "2021-01-01", { what: "three" })).toThrow("核对生效日期");
  });
});

describe("endOn", () => {
  it("leaves nothing from that day on", () => {
    const now = after(rows, endOn(rows, "2026-05-01"));
    expect(["2026-04-30", "2026-05-01"].map((day) => what(now, day) ?? null)).toEqual(["two", null]);
  });

  it("removes a row that began on that very day", () => {
    expect(endOn(rows, "2022-09-01")).toEqual({ supersede: ["b"], insert: [] });
  });
});

describe("correctRow", () => {
  it("moves the border with the neighbour", () => {
    const now = after(rows, correctRow(rows, "b", { validFrom: "2022-06-30" }));
    expect([what(now, "2022-06-29"), what(now, "2022-06-30")]).toEqual(["one", "two"]);
  });

  it("refuses to swallow the neighbour or itself", () => {
    expect(() => correctRow(rows, "b", { validFrom: "2020-01-01" })).toThrow("2020-01-01");
    expect(() => correctRow(rows, "a", { validFrom: "2022-09-01" })).toThrow("2022-09-01");
  });

  it("changes what a row says and no day", () => {
    expect(correctRow(rows, "a", { what: "other" })).toEqual({
      supersede: ["a"],
      insert: [{ validFrom: "2020-01-01", validTo: "2022-09-01", what: "other" }],
    });
  });
});

it("never leaves an overlap, whatever changes and corrections come", () => {
  const seed = Number(process.env.SEED ?? 20261122);
  const day = fc.integer({ min: 0, max: 3000 }).map((days) => addDays("2020-01-01", days));
  const step = fc.record({ kind: fc.constantFrom("change", "correct", "end"), day, at: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let believed: Row[] = [{ id: "0", validFrom: "2019-01-01", validTo: null, what: "0" }];
      for (const [no, { kind, day, at }] of steps.entries()) {
        const target = believed[at % Math.max(1, believed.length)];
        try {
          const rewrite =
            kind === "change"
              ? changeFrom(believed, day, { what: String(no) })
              : kind === "end"
                ? endOn(believed, day)
                : correctRow(believed, target?.id ?? "none", { validFrom: day });
          believed = after(believed, rewrite).map((row, index) => ({ ...row, id: `${no}-${index}` }));
        } catch {
          continue;
        }
        const sorted = [...believed].sort((one, other) => (one.validFrom < other.validFrom ? -1 : 1));
        for (const [index, row] of sorted.entries()) {
          if (row.validTo !== null) expect(row.validTo > row.validFrom).toBe(true);
          const next = sorted[index + 1];
          if (next) expect(row.validTo !== null && row.validTo <= next.validFrom).toBe(true);
        }
      }
    }),
    { seed, numRuns: 500 },
  );
});
