import fc from "fast-check";
import { expect, it } from "vitest";
import { addDays } from "../kernel/calendar.ts";
import { emptyFilter, filterOf, type MeetingFilter, pageSizes, paramsOf, queryOf } from "./meeting.filter.ts";
import { phases } from "./meeting.phase.ts";
import { meetingKinds } from "./meeting.rules.ts";
import { listInput } from "./meeting.schema.ts";

const seed = Number(process.env.SEED ?? 20261122);
console.info(`SEED=${seed}`);

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });
const filters: fc.Arbitrary<MeetingFilter> = fc.record({
  orgId: maybe(fc.integer({ min: 1, max: 999_999_999 })),
  kind: maybe(fc.constantFrom(...meetingKinds)),
  phase: maybe(fc.constantFrom(...phases)),
  from: maybe(fc.integer({ min: 0, max: 900 }).map((days) => addDays("2025-01-01", days))),
  to: maybe(fc.integer({ min: 900, max: 1800 }).map((days) => addDays("2025-01-01", days))),
  q: fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !text.includes("\0") && [...text].length <= 60),
  page: fc.integer({ min: 1, max: 10_000 }),
  size: fc.constantFrom(...pageSizes),
});

it("survives the address, and the server takes what the address says", () => {
  fc.assert(
    fc.property(filters, (filter) => {
      const { filter: back, dropped } = filterOf(new URLSearchParams(paramsOf(filter).toString()));
      expect(dropped).toEqual([]);
      expect(back).toEqual(filter);
      expect(listInput.safeParse(queryOf(back)).success).toBe(true);
    }),
    { seed },
  );
});

it("never fails on any address, and never asks the server something it refuses", () => {
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom("2026-13-45", "9999-01-01", "*", "-1", "1e9", "member_meeting", "draft"),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("org", "kind", "phase", "from", "to", "q", "page", "size", "x"), value)),
      (pairs) => {
        const { filter } = filterOf(new URLSearchParams(pairs));
        expect(listInput.safeParse(queryOf(filter)).success).toBe(true);
      },
    ),
    { seed, numRuns: 500 },
  );
});

it.each([
  ["org=12&org=13", ["org"]],
  ["org=*", ["org"]],
  ["kind=exam&phase=open", ["kind", "phase"]],
  ["from=2026-13-45", ["from"]],
  ["from=2026-12-01&to=2026-11-01", ["to"]],
  ["size=1000000&page=-1", ["page", "size"]],
])("%s names what it left out", (query, names) => {
  const { filter, dropped } = filterOf(new URLSearchParams(query));
  expect(dropped.sort()).toEqual([...names].sort());
  expect(filter.orgId).toBe(null);
  expect(filterOf(new URLSearchParams("")).filter).toEqual(emptyFilter);
});
