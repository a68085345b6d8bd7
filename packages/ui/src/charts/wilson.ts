/** Standard normal quantile for a two-sided interval of 80 %. */
const z = 1.2815515655446004;

export type Interval = { low: number; high: number };

/**
 * The 80 % Wilson interval of `k` of `n`, called 波动范围: how far a share could move by chance alone.
 * @returns shares between 0 and 1, or null without a base
 */
export function wilson80(k: number, n: number): Interval | null {
  if (n <= 0) return null;
  const share = k / n;
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  const centre = share + (z * z) / (2 * n);
  // At the ends the formula is exact; a rounding error must not leave [0, 1].
  return {
    low: k === 0 ? 0 : Math.max(0, (centre - spread) / scale),
    high: k === n ? 1 : Math.min(1, (centre + spread) / scale),
  };
}
