/** A quotient of whole numbers in lowest terms; the denominator is positive. */
export type Fraction = { num: bigint; den: bigint };

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

export function fraction(num: bigint, den: bigint): Fraction {
  const divisor = gcd(num, den) || 1n;
  return { num: num / divisor, den: den / divisor };
}

export const add = (a: Fraction, b: Fraction): Fraction => fraction(a.num * b.den + b.num * a.den, a.den * b.den);
export const compare = (a: Fraction, b: Fraction): number => {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** Competition ranks from the highest down: 1, 2, 2, 4. Written as counting, to be as plain as the rule. */
export function rankAll<Key>(scores: ReadonlyMap<Key, Fraction>): Map<Key, number> {
  const ranks = new Map<Key, number>();
  for (const [key, score] of scores) {
    let better = 0;
    for (const other of scores.values()) if (compare(other, score) > 0) better++;
    ranks.set(key, better + 1);
  }
  return ranks;
}
