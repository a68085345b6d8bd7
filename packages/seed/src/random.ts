/** A small generator with a fixed seed, so that one scenario is the same everywhere (mulberry32). */
export class Random {
  #state: number;
  readonly #ids: Random | null;

  /** `idSeed` keeps the ids of two tenants of one seed apart without changing anything else about them. */
  constructor(seed: number, idSeed?: number) {
    this.#state = seed >>> 0;
    this.#ids = idSeed === undefined ? null : new Random(idSeed);
  }
  /** 0 ≤ x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  /** Whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }
  chance(probability: number): boolean {
    return this.next() < probability;
  }
  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }
  shuffle<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, key: this.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
  /** An id in the shape of a version 7 UUID. */
  uuid(): string {
    const source = this.#ids ?? this;
    const hex = (digits: number) => Array.from({ length: digits }, () => source.int(0, 15).toString(16)).join("");
    return `0190${hex(4)}-${hex(4)}-7${hex(3)}-${source.pick(["8", "9", "a", "b"])}${hex(3)}-${hex(12)}`;
  }
}
