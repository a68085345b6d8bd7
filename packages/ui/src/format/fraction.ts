/**
 * A quotient of two whole numbers, as the warehouse stores values: compared and rounded exactly, never through binary floats.
 * `den` is positive. null = missing, which is not 0.
 */
export type Fraction = { num: bigint; den: bigint };

type Whole = string | number | bigint;

/** From the pair of columns of a row. A missing part or a denominator of 0 is a missing value. */
export function fraction(num: Whole | null | undefined, den: Whole | null | undefined): Fraction | null {
  if (num === null || num === undefined || den === null || den === undefined) return null;
  const bottom = BigInt(den);
  if (bottom === 0n) return null;
  const top = BigInt(num);
  return bottom > 0n ? { num: top, den: bottom } : { num: -top, den: -bottom };
}

/** Negative, zero or positive, like a comparator for sorting upwards. */
export function compareFractions(a: Fraction, b: Fraction): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const subtract = (a: Fraction, b: Fraction): Fraction => ({
  num: a.num * b.den - b.num * a.den,
  den: a.den * b.den,
});

/** Whole number of `1 / 10^digits` steps, rounded half away from zero. */
export function scaled({ num, den }: Fraction, digits: number): bigint {
  const top = (num < 0n ? -num : num) * 10n ** BigInt(digits);
  const rounded = (top * 2n + den) / (den * 2n);
  return num < 0n ? -rounded : rounded;
}

/** The nearest number a chart can be drawn with. For pixels only, never for text or order. */
export const approximate = (value: Fraction): number => Number(scaled(value, 9)) / 1e9;
