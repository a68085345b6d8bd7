import type pg from "pg";

/** Transactions that had ended when the catalog was read. What they wrote may have an older shape than the catalog says, never a newer. */
export class Look {
  readonly #from: number;
  readonly #to: number;
  readonly #open: ReadonlySet<number>;

  /** @param snapshot as `pg_current_snapshot()` prints it, "xmin:xmax:xip,…" */
  constructor(snapshot: string) {
    const [from = "0", to = "0", open = ""] = snapshot.split(":");
    // The log names transactions by their lower 32 bits.
    const low = (text: string) => Number(BigInt(text) & 0xffffffffn);
    this.#from = low(from);
    this.#to = low(to);
    this.#open = new Set(open.split(",").filter(Boolean).map(low));
  }

  /** To be taken before the catalog is read. */
  static async take(client: pg.Client): Promise<Look> {
    const { rows } = await client.query<{ now: string }>("select pg_current_snapshot()::text as now");
    return new Look(rows[0]?.now ?? "");
  }

  /** True when the transaction had ended before the look. */
  saw(xid: number): boolean {
    if (((xid - this.#from) | 0) < 0) return true;
    return ((xid - this.#to) | 0) < 0 && !this.#open.has(xid);
  }
}
