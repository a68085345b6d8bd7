/** Signs the tokens of tests. */
export const secret = "test-cube-api-secret-0000000000";

/** Seed of the random parts of a test: fixed, printed on failure by the caller, `SEED=` overrides. */
export const seed = Number(process.env.SEED ?? 20261122);

/** Small seeded random numbers (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
