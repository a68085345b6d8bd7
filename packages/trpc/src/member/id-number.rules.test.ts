import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDigit, normaliseIdNumber, parseIdNumber, samePerson } from "./id-number.rules.ts";
import idVectors from "./vectors/id-number.json" with { type: "json" };

describe("citizen ID numbers, by the vectors", () => {
  it.each(idVectors.vectors.map((vector) => [vector.id, vector.why, vector] as const))("%s %s", (_, __, vector) => {
    const input = vector.input as { first17?: string; text?: string; today?: string; a?: string; b?: string };
    const answer =
      vector.fn === "id.check_digit"
        ? checkDigit(input.first17 ?? "")
        : vector.fn === "id.parse"
          ? parseIdNumber(input.text ?? "", input.today)
          : vector.fn === "id.same_person"
            ? samePerson(input.a ?? "", input.b ?? "")
            : `no function ${vector.fn}`;
    expect(answer).toEqual(vector.expected);
  });
});

it("notices any one digit typed wrong, and any two neighbours swapped", () => {
  const seed = Number(process.env.SEED ?? 20261122);
  const number = fc
    .record({
      day: fc.integer({ min: 1, max: 28 }),
      month: fc.integer({ min: 1, max: 12 }),
      year: fc.integer({ min: 1940, max: 2008 }),
      order: fc.nat(999),
    })
    .map(({ day, month, year, order }) => {
      const two = (value: number) => String(value).padStart(2, "0");
      const first = `990000${year}${two(month)}${two(day)}${String(order).padStart(3, "0")}`;
      return first + checkDigit(first);
    });
  fc.assert(
    fc.property(number, fc.nat(16), fc.integer({ min: 1, max: 9 }), (id, at, shift) => {
      expect(parseIdNumber(id)).toMatchObject({ ok: true, id18: id });
      const wrong = [...id];
      wrong[at] = String((Number(wrong[at]) + shift) % 10);
      expect(parseIdNumber(wrong.join("")).ok).toBe(false);
      const swapped = [...id];
      const [one = "", other = ""] = [swapped[at], swapped[at + 1]];
      [swapped[at], swapped[at + 1]] = [other, one];
      if (one !== other) expect(parseIdNumber(swapped.join("")).ok).toBe(false);
    }),
    { seed, numRuns: 500 },
  );
});

it("is stable: what it made reads as itself", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), (text) => {
      expect(normaliseIdNumber(normaliseIdNumber(text))).toBe(normaliseIdNumber(text));
      const read = parseIdNumber(text);
      if (read.ok) expect(parseIdNumber(read.id18)).toMatchObject({ ok: true, id18: read.id18 });
    }),
    { seed: 20261122 },
  );
});
