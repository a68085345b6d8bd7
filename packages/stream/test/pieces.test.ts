import fc from "fast-check";
import { expect, test } from "vitest";
import { MalformedError } from "../src/errors.ts";
import { partsOf } from "../src/lsn.ts";
import { OpenTransactions, type Piece } from "../src/streamed.ts";

const seed = Number(process.env.SEED ?? 20261122);

/** Ordinals that the pieces give the rows of each segment: `[from, to]` inside it → first ordinal in the transaction. */
function numbered(pieces: readonly Piece[]) {
  const spans: { segment: number; from: number; to: number; first: number }[] = [];
  for (const piece of pieces) {
    const [low, high] = [partsOf(piece.from), partsOf(piece.to)];
    for (const [index, before] of piece.before.entries()) {
      const segment = piece.first + index;
      const from = segment === Number(low.lsn) ? low.ordinal : 1;
      const to = segment === Number(high.lsn) ? high.ordinal : Number.POSITIVE_INFINITY;
      if (before >= 0) spans.push({ segment, from, to, first: before + from });
    }
    expect(Number(high.lsn)).toBe(piece.first + piece.before.length - 1);
  }
  return spans;
}

test("G3: whatever was rolled back, the pieces of a large transaction number every row once, in the order of the log", () => {
  const part = fc.record({
    xid: fc.integer({ min: 1, max: 6 }),
    rows: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 399_990, max: 1_300_000 })),
    endsPiece: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 700 }),
      fc.uniqueArray(fc.integer({ min: 2, max: 6 })),
      (parts, aborted) => {
        const open = new OpenTransactions(({ name }) => name);
        const segments: { xid: number; rows: number }[] = [];
        open.startPiece(1);
        let ordinal = 0;
        for (const { xid, rows, endsPiece } of parts) {
          if (open.row(xid, ordinal)) {
            segments.push({ xid, rows });
            ordinal = rows;
          } else {
            const last = segments.at(-1);
            if (last) last.rows += rows;
            ordinal += rows;
          }
          if (!endsPiece) continue;
          open.endPiece(ordinal);
          open.startPiece(1);
        }
        open.endPiece(ordinal);
        for (const xid of aborted) open.abortPart(1, xid);
        const { pieces } = open.ended(1).commit(77n);

        const spans = numbered(pieces);
        let before = 0;
        for (const [at, { xid, rows }] of segments.entries()) {
          const mine = spans.filter(({ segment }) => segment === at);
          if (aborted.includes(xid)) {
            expect(mine).toEqual([]);
            continue;
          }
          let next = 1;
          for (const { from, to, first } of mine) {
            expect(from).toBe(next);
            expect(first).toBe(before + from);
            next = Math.min(to, rows) + 1;
          }
          expect(next).toBe(rows + 1);
          before += rows;
        }
        for (const piece of pieces) expect(piece.before.every((value) => Number.isInteger(value))).toBe(true);
      },
    ),
    { seed, numRuns: 200 },
  );
});

test("G11: the end of a transaction that never began is an error", () => {
  const open = new OpenTransactions(({ name }) => name);
  open.startPiece(5);
  open.endPiece(0);
  expect(() => open.ended(6)).toThrow(MalformedError);
  expect(open.ended(5).stages).toEqual([]);
  expect(() => open.ended(5)).toThrow(MalformedError);
});
