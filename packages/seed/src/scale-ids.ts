import { Random } from "./random.ts";

const hex4 = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, "0"));
const variant = ["8", "9", "a", "b"];

/** Ids in the shape of version 7, with the time in front like those of the product: 74 bits of chance behind it. */
export class TimedIds {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** @param at milliseconds */
  at(at: number): string {
    const high = Math.floor(at / 4_294_967_296) & 0xffff;
    const low = at % 4_294_967_296;
    const middle = Math.floor(low / 65_536);
    return `${hex4[high]}${hex4[middle]}-${hex4[low & 0xffff]}-7${this.#four().slice(1)}-${variant[this.#random.int(0, 3)]}${this.#four().slice(1)}-${this.#four()}${this.#four()}${this.#four()}`;
  }

  #four(): string {
    return hex4[Math.floor(this.#random.next() * 65_536)] ?? "0000";
  }
}
