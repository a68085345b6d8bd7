/** A place in PostgreSQL's write-ahead log, from its text form ("0/16B3748"). */
export function parseLsn(text: string): bigint {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  if (!match) throw new Error(`not a log sequence number: ${text}`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** The text form that PostgreSQL prints. */
export const formatLsn = (lsn: bigint): string =>
  `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`;

/**
 * Version of a row: epoch (16 bits) | commit LSN (64) | ordinal inside the transaction (32). A pure function of the log, so a repeat
 * carries the same version; a first copy has ordinal 0 at the place of its snapshot and lies below everything that follows.
 */
export const versionOf = (epoch: number, lsn: bigint, ordinal: number): bigint =>
  (BigInt(epoch) << 96n) | (lsn << 32n) | BigInt(ordinal);

/** The parts of a version. */
export const partsOf = (version: bigint): { epoch: number; lsn: bigint; ordinal: number } => ({
  epoch: Number(version >> 96n),
  lsn: (version >> 32n) & 0xffffffffffffffffn,
  ordinal: Number(version & 0xffffffffn),
});

const lowDigits = 1_000_000_000_000;

/** Decimal text of consecutive versions without a big integer per row: the head changes only when the low digits overflow. */
export class VersionText {
  readonly #head: string;
  readonly #nextHead: string;
  readonly #low: number;

  constructor(epoch: number, lsn: bigint) {
    const base = versionOf(epoch, lsn, 0);
    const head = base / BigInt(lowDigits);
    this.#head = head.toString();
    this.#nextHead = (head + 1n).toString();
    this.#low = Number(base % BigInt(lowDigits));
  }

  at(ordinal: number): string {
    const low = this.#low + ordinal;
    return low < lowDigits
      ? this.#head + String(low).padStart(12, "0")
      : this.#nextHead + String(low - lowDigits).padStart(12, "0");
  }
}
