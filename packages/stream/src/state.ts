import type { ClickHouse } from "@xianfeng/clickhouse";
import { formatLsn, versionOf } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import { parseShape, type Shape, shapeText } from "./shape.ts";

/** Where the data of `raw` came from. `slotLsn` 0 = a recovery was asked for and the slot is to be made anew. */
export type Source = {
  epoch: number;
  systemIdentifier: string;
  timeline: number;
  database: string;
  slot: string;
  slotLsn: bigint;
};

export type Copied = {
  table: string;
  epoch: number;
  relation: number;
  membership: number;
  /** "stale" = rows may have passed it by, so that only another copy makes it whole. */
  state: "copied" | "stale";
  copiedLsn: bigint;
  shape: Shape | undefined;
};

export type Applied = { epoch: number; asOf: Date | undefined; asOfLsn: bigint; checkedAt: Date; checkedLsn: bigint };

const instant = (date: Date) => date.toISOString().replace("T", " ").replace("Z", "");

/** What the stream must remember lies beside the data it describes: whoever restores one restores the other. */
export class StateStore {
  readonly #clickhouse: ClickHouse;
  #counter = 0;

  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async source(): Promise<Source | undefined> {
    const [row] = await this.#clickhouse.query<Record<string, string>>(
      "SELECT epoch, system_identifier, timeline, database, slot, toString(slot_lsn) AS slot_lsn_text FROM raw._source FINAL",
    );
    if (!row) return undefined;
    return {
      epoch: Number(row.epoch),
      systemIdentifier: row.system_identifier ?? "",
      timeline: Number(row.timeline),
      database: row.database ?? "",
      slot: row.slot ?? "",
      slotLsn: BigInt(row.slot_lsn_text ?? 0),
    };
  }

  async saveSource(source: Source): Promise<void> {
    const [row] = await this.#clickhouse.query<{ next: string }>(
      "SELECT toString(max(_version) + 1) AS next FROM raw._source",
    );
    await this.#clickhouse.insert("raw._source", [
      {
        id: 1,
        epoch: source.epoch,
        system_identifier: source.systemIdentifier,
        timeline: source.timeline,
        database: source.database,
        slot: source.slot,
        slot_lsn: String(source.slotLsn),
        _version: row?.next ?? "1",
      },
    ]);
  }

  async copied(): Promise<Copied[]> {
    type Row = Omit<Copied, "copiedLsn" | "shape"> & { lsn: string; shape: string };
    const rows = await this.#clickhouse.query<Row>(
      "SELECT `table`, epoch, relation, membership, state, toString(copied_lsn) AS lsn, shape FROM raw._copied FINAL",
    );
    return rows.map(({ lsn, shape, state, ...row }) => ({
      ...row,
      state: state === "copied" ? "copied" : "stale",
      copiedLsn: BigInt(lsn),
      shape: parseShape(shape),
    }));
  }

  async saveCopied(table: TableState, epoch: number, lsn: bigint, rows: number): Promise<void> {
    const [row] = await this.#clickhouse.query<{ next: string }>(
      "SELECT toString(max(_version) + 1) AS next FROM raw._copied",
    );
    await this.#clickhouse.insert("raw._copied", [
      {
        table: table.name,
        epoch,
        relation: table.relationOid,
        membership: table.membershipOid,
        state: "copied",
        copied_lsn: String(lsn),
        rows,
        shape: shapeText(table.shape),
        _version: row?.next ?? "1",
      },
    ]);
  }

  /** The table's rows are whole in this shape, too. */
  async saveShape(table: TableState): Promise<void> {
    await this.#changeCopied("{shape:String} AS shape", table.name, shapeText(table.shape));
  }

  /** A table that has left the publication may come back after changes that nobody sent. */
  async saveStale(table: string): Promise<void> {
    await this.#changeCopied("'stale' AS state", table);
  }

  async #changeCopied(change: string, table: string, shape = ""): Promise<void> {
    await this.#clickhouse.command(
      `INSERT INTO raw._copied SELECT * REPLACE (${change}, (SELECT max(_version) + 1 FROM raw._copied) AS _version)
       FROM raw._copied FINAL WHERE \`table\` = {table:String}`,
      { table, shape },
    );
  }

  async applied(): Promise<Applied | undefined> {
    const [row] = await this.#clickhouse.query<Record<string, string>>(
      `SELECT epoch, toString(as_of_lsn) AS lsn, toUnixTimestamp64Milli(as_of) AS as_of_ms,
         toUnixTimestamp64Milli(checked_at) AS checked_ms, toString(checked_lsn) AS checked,
         toString(bitAnd(_version, toUInt128(4294967295))) AS counter
       FROM raw._applied FINAL`,
    );
    if (!row) return undefined;
    this.#counter = Math.max(this.#counter, Number(row.counter));
    const asOf = Number(row.as_of_ms);
    return {
      epoch: Number(row.epoch),
      asOf: asOf > 0 ? new Date(asOf) : undefined,
      asOfLsn: BigInt(row.lsn ?? 0),
      checkedAt: new Date(Number(row.checked_ms)),
      checkedLsn: BigInt(row.checked ?? 0),
    };
  }

  async saveApplied(applied: Applied): Promise<void> {
    this.#counter = (this.#counter + 1) % 0xffffffff;
    await this.#clickhouse.insert("raw._applied", [
      {
        id: 1,
        as_of: instant(applied.asOf ?? new Date(0)),
        as_of_lsn: String(applied.asOfLsn),
        as_of_lsn_text: formatLsn(applied.asOfLsn),
        checked_at: instant(applied.checkedAt),
        checked_lsn: String(applied.checkedLsn),
        epoch: applied.epoch,
        _version: String(versionOf(applied.epoch, applied.checkedLsn, this.#counter)),
      },
    ]);
  }

  /** Room on ClickHouse's disk with the least of it. */
  async disk(): Promise<{ freeBytes: number; totalBytes: number } | undefined> {
    const [row] = await this.#clickhouse.query<{ free: string; total: string }>(
      "SELECT toString(free_space) AS free, toString(total_space) AS total FROM system.disks WHERE total_space > 0 ORDER BY free_space LIMIT 1",
    );
    return row ? { freeBytes: Number(row.free), totalBytes: Number(row.total) } : undefined;
  }

  async deadLetters(): Promise<number> {
    const [row] = await this.#clickhouse.query<{ count: string }>(
      "SELECT toString(count()) AS count FROM raw._dead_letter FINAL",
    );
    return Number(row?.count ?? 0);
  }

  /** Rows that a fresh copy of the table has replaced need no longer be listed. */
  async forgetDeadLetters(table: string, before: bigint): Promise<void> {
    await this.#clickhouse.command(
      "DELETE FROM raw._dead_letter WHERE `table` = {table:String} AND commit_lsn < {before:UInt64}",
      { table, before: String(before) },
    );
  }
}
