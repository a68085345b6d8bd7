import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLsn, parseLsn, partsOf, versionOf } from "../src/index.ts";
import { VersionText } from "../src/lsn.ts";

const lsn = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
const ordinal = fc.integer({ min: 0, max: 0xffffffff });
const epoch = fc.integer({ min: 0, max: 0xffff });

test("a place of the log survives its text form", () => {
  fc.assert(fc.property(lsn, (value) => parseLsn(formatLsn(value)) === value));
  expect(formatLsn(parseLsn("0/16B3748"))).toBe("0/16B3748");
  expect(() => parseLsn("16B3748")).toThrow();
});

test("versions order by epoch, then place, then ordinal", () => {
  // Few values, so that epochs and places are often the same and the next part decides; and the whole range.
  const few = fc.integer({ min: 0, max: 2 });
  const fewPlaces = few.map(BigInt);
  for (const [e, l, o] of [[few, fewPlaces, few] as const, [epoch, lsn, ordinal] as const]) {
    fc.assert(
      fc.property(e, l, o, e, l, o, (e1, l1, o1, e2, l2, o2) => {
        const order = e1 - e2 || (l1 < l2 ? -1 : l1 > l2 ? 1 : 0) || o1 - o2;
        const [a, b] = [versionOf(e1, l1, o1), versionOf(e2, l2, o2)];
        return Math.sign(order) === (a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  }
});

test("the fast text of a version is the version", () => {
  fc.assert(fc.property(epoch, lsn, ordinal, (e, l, o) => BigInt(new VersionText(e, l).at(o)) === versionOf(e, l, o)));
  fc.assert(
    fc.property(epoch, lsn, ordinal, (e, l, o) => {
      const parts = partsOf(versionOf(e, l, o));
      return parts.epoch === e && parts.lsn === l && parts.ordinal === o;
    }),
  );
});
