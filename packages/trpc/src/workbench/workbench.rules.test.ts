import { describe, expect, it } from "vitest";
import { branchRow, type Duty, dutyRow, dutyState, groupOf, monthsOf, tally } from "./workbench.rules.ts";

const today = "2026-11-20";
const duty = (periodKey: string, dueOn: string, fulfilledOn: string | null = null): Duty => ({
  periodKey,
  dueOn,
  fulfilledOn,
  state: fulfilledOn ? "fulfilled" : "open",
});

describe("groupOf", () => {
  it.each([
    ["2026-11-19", "overdue"],
    ["2026-11-20", "week"],
    ["2026-11-27", "week"],
    ["2026-11-28", "later"],
    [null, "later"],
  ])("%s is %s", (day, group) => expect(groupOf(day, today)).toBe(group));
});

it("knows the months of a period", () => {
  expect(monthsOf("2026-11")).toEqual({ first: 11, span: 1 });
  expect(["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"].map((key) => monthsOf(key).first)).toEqual([1, 4, 7, 10]);
});

describe("dutyState", () => {
  it.each([
    ["in time", duty("2026-08", "2026-08-31", "2026-08-31"), "done"],
    ["a day late", duty("2026-08", "2026-08-31", "2026-09-01"), "late"],
    ["never", duty("2026-08", "2026-08-31"), "missed"],
    ["this month", duty("2026-11", "2026-11-30"), "now"],
    ["this quarter", duty("2026-Q4", "2026-12-31"), "now"],
    ["due today", duty("2026-11", "2026-11-20"), "now"],
    ["next month", duty("2026-12", "2026-12-31"), "future"],
    ["waived", { ...duty("2026-08", "2026-08-31"), state: "waived" }, "none"],
  ] as const)("%s", (_, row, state) => expect(dutyState(row, today)).toBe(state));
});

describe("rows", () => {
  it("a duty covers its months, and what did not exist is none", () => {
    const cells = dutyRow([duty("2026-Q3", "2026-09-30", "2026-09-18"), duty("2026-Q4", "2026-12-31")], today);
    expect(cells.map(({ month, span, state }) => [month, span, state])).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((month) => [month, 1, "none"]),
      [7, 3, "done"],
      [10, 3, "now"],
    ]);
    expect(cells.reduce((sum, cell) => sum + cell.span, 0)).toBe(12);
  });

  it("a branch shows the worst of its month, with the number missed", () => {
    const cells = branchRow(
      [
        duty("2026-08", "2026-08-31"),
        duty("2026-08", "2026-08-31"),
        duty("2026-08", "2026-08-31", "2026-08-02"),
        duty("2026-07", "2026-07-31", "2026-07-02"),
      ],
      today,
    );
    expect(cells[7]).toMatchObject({ state: "missed", count: 2 });
    expect(cells[6]).toMatchObject({ state: "done", count: 0 });
    expect(cells[0]).toMatchObject({ state: "none" });
  });

  it("counts done of those whose day is over or that are done", () => {
    const duties = [
      duty("2026-08", "2026-08-31"),
      duty("2026-09", "2026-09-30", "2026-10-09"),
      duty("2026-11", "2026-11-30"),
      duty("2026-Q4", "2026-12-31", "2026-11-02"),
    ];
    expect(tally(duties, today)).toEqual({ done: 2, due: 3 });
  });
});
