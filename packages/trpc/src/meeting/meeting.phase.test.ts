import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toColumn } from "../kernel/calendar.ts";
import { type Made, makeWorld } from "./meeting.fixture.ts";
import { phaseOf, phases, phaseWhere } from "./meeting.phase.ts";

const seed = Number(process.env.SEED ?? 20261122);
console.info(`SEED=${seed}`);

let made: Made;
beforeAll(async () => {
  made = await makeWorld();
});
afterAll(() => made.world.drop());

// Instants on a coarse grid, so that now falls on borders often and not once in a thousand runs.
const base = Date.parse("2026-11-20T06:00:00Z");
const step = 60_000;
const row = fc
  .record({
    state: fc.constantFrom("draft", "published", "closed"),
    voided: fc.boolean(),
    opens: fc.integer({ min: 0, max: 6 }),
    lead: fc.integer({ min: 0, max: 3 }),
    length: fc.integer({ min: 1, max: 6 }),
    nudge: fc.constantFrom(-1, 0, 1),
  })
  .map(({ state, voided, opens, lead, length, nudge }) => {
    const checkInOpensAt = new Date(base + opens * step + nudge);
    const startsAt = new Date(checkInOpensAt.getTime() + lead * step);
    return {
      state: voided && state === "draft" ? "published" : state,
      voidedAt: voided ? new Date(base) : null,
      checkInOpensAt,
      startsAt,
      endsAt: new Date(startsAt.getTime() + length * step),
    };
  });

it("phaseOf and phaseWhere agree on every row", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 8, maxLength: 24 }),
      fc.integer({ min: -1, max: 16 }),
      async (rows, minute) => {
        const now = new Date(base + minute * step);
        const stored = rows.map((each) => ({ ...each, id: randomUUID() }));
        await made.owner.meeting.createMany({
          data: stored.map(({ id, state, voidedAt, checkInOpensAt, startsAt, endsAt }) => ({
            id,
            tenantId: made.t,
            orgId: made.a.id,
            kind: "theme_day",
            heldOn: toColumn("2026-11-20"),
            state,
            voidedAt,
            checkInOpensAt,
            startsAt,
            endsAt,
            lateAfter: startsAt,
            closedAt: state === "closed" ? endsAt : null,
            createdBy: made.account.admin.principalId,
          })),
        });
        try {
          const ids = stored.map(({ id }) => id);
          const found = new Map<string, string[]>();
          for (const phase of phases) {
            const hits = await made.owner.meeting.findMany({
              where: { AND: [{ id: { in: ids } }, phaseWhere(phase, now)] },
              select: { id: true },
            });
            for (const { id } of hits) found.set(id, [...(found.get(id) ?? []), phase]);
          }
          for (const each of stored) expect(found.get(each.id)).toEqual([phaseOf(each, now)]);
        } finally {
          await made.owner.meeting.deleteMany({ where: { id: { in: stored.map(({ id }) => id) } } });
        }
      },
    ),
    { seed, numRuns: 60 },
  );
});
