import type { Batch, Batcher } from "./batch.ts";
import { roomFor, Skip, writeValue } from "./encode.ts";
import { DriftError, StopError } from "./errors.ts";
import { failPoint } from "./failpoint.ts";
import type { History } from "./history.ts";
import type { Lines } from "./lines.ts";
import type { Look } from "./look.ts";
import { VersionText, versionOf } from "./lsn.ts";
import { parseRelation, type Relation, relate, type TableState } from "./relation.ts";

const postgresEpochMs = Date.UTC(2000, 0, 1);

export type DecoderOptions = {
  epoch: number;
  tables: ReadonlyMap<string, TableState>;
  batcher: Batcher;
  /** When the catalog was read that `tables` come from. */
  look: Look;
  history: History;
};

/**
 * Turns pgoutput messages (protocol 1: a transaction arrives when it has committed, so its version is known from its first row) straight
 * into lines for ClickHouse, without a JavaScript value per column.
 */
export class Decoder {
  readonly #options: DecoderOptions;
  readonly #relations = new Map<number, Relation | undefined>();
  #commitLsn = 0n;
  #commitTime = new Date(0);
  #versions = new VersionText(0, 0n);
  #ordinal = 0;
  /** The transaction had ended when the catalog was read, so that only its rows can be of another age, not the catalog. */
  #isPast = false;
  /** Reason why the row being written has to be set aside. */
  #problem: string | undefined;
  rowsDecoded = 0;

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  /** Takes one message, `buffer[start..end)`. */
  message(buffer: Buffer, start: number, end: number): void {
    switch (buffer[start]) {
      case 73: // I
        this.#insert(buffer, start, end);
        break;
      case 85: // U
        this.#update(buffer, start, end);
        break;
      case 68: // D
        this.#delete(buffer, start, end);
        break;
      case 66: // B
        this.#begin(buffer, start);
        break;
      case 67: // C
        this.#commit(buffer, start);
        break;
      case 82: // R
        this.#relation(buffer, start);
        break;
      case 84: // T
        this.#truncate(buffer, start);
        break;
      // Type, origin and logical messages carry no rows.
    }
  }

  #begin(buffer: Buffer, start: number): void {
    this.#commitLsn = buffer.readBigUInt64BE(start + 1);
    this.#commitTime = new Date(postgresEpochMs + Number(buffer.readBigInt64BE(start + 9) / 1000n));
    this.#versions = new VersionText(this.#options.epoch, this.#commitLsn);
    this.#ordinal = 0;
    this.#isPast = this.#options.look.saw(buffer.readUInt32BE(start + 17));
    this.#options.batcher.begin();
  }

  #commit(buffer: Buffer, start: number): void {
    const end = buffer.readBigUInt64BE(start + 10);
    this.#options.history.commit(end, this.#commitTime);
    this.#options.batcher.commit(end, this.#commitTime);
  }

  #relation(buffer: Buffer, start: number): void {
    const message = parseRelation(buffer, start);
    const table = message.namespace === "public" ? this.#options.tables.get(message.name) : undefined;
    if (!table) {
      this.#relations.set(message.oid, undefined);
      return;
    }
    const { relation, unknown } = relate(message, table);
    // What the catalog did not have any more when it was read after this transaction was dropped, renamed or retyped since.
    if (unknown.length > 0 && !this.#isPast) {
      throw new DriftError(`${table.name} has new columns: ${unknown.join(", ")}`);
    }
    this.#relations.set(message.oid, relation);
  }

  #insert(buffer: Buffer, start: number, end: number): void {
    const relation = this.#relations.get(buffer.readUInt32BE(start + 1));
    this.#ordinal += 1;
    if (relation && this.#lands(relation)) this.#row(relation, buffer, start + 6, end, 0);
  }

  #update(buffer: Buffer, start: number, end: number): void {
    const relation = this.#relations.get(buffer.readUInt32BE(start + 1));
    // Two ordinals, so that numbering does not depend on whether the key changed.
    this.#ordinal += 2;
    if (!relation || !this.#lands(relation)) return;
    let at = start + 5;
    if (buffer[at] !== 78) {
      this.#ordinal -= 1;
      at = this.#row(relation, buffer, at + 1, end, 1);
      this.#ordinal += 1;
    }
    this.#row(relation, buffer, at + 1, end, 0);
  }

  #delete(buffer: Buffer, start: number, end: number): void {
    const relation = this.#relations.get(buffer.readUInt32BE(start + 1));
    this.#ordinal += 1;
    if (relation && this.#lands(relation)) this.#row(relation, buffer, start + 6, end, 1);
  }

  /** False for what lies before the table's last copy: the copy holds it, or it went without an event. */
  #lands({ table }: Relation): boolean {
    return table.targets.length > 0 && this.#commitLsn >= table.copiedLsn;
  }

  #truncate(buffer: Buffer, start: number): void {
    const count = buffer.readUInt32BE(start + 1);
    this.#ordinal += 1;
    const version = versionOf(this.#options.epoch, this.#commitLsn, this.#ordinal);
    const { batcher } = this.#options;
    for (let i = 0; i < count; i++) {
      const relation = this.#relations.get(buffer.readUInt32BE(start + 6 + i * 4));
      if (relation && this.#lands(relation)) {
        batcher.current.truncates.push({ table: relation.table.name, version });
      }
    }
    if (batcher.current.truncates.length > 0) {
      batcher.current.started();
      batcher.cut();
    }
  }

  /** Writes one tuple; `deleted` 1 writes a tombstone of its key. Returns where the tuple ends. */
  #row(relation: Relation, buffer: Buffer, start: number, end: number, deleted: 0 | 1): number {
    const { batcher } = this.#options;
    const batch = batcher.current;
    const lines = batch.linesOf(relation);
    const { encoders } = relation;
    const before = lines.length;
    this.#problem = undefined;
    const count = ((buffer[start] as number) << 8) | (buffer[start + 1] as number);
    lines.reserve(roomFor(end - start) + count * 4 + 64);
    let at = start + 2;
    for (let i = 0; i < count; i++) {
      const encoder = i < encoders.length ? (encoders[i] as number) : Skip;
      const tag = buffer[at++];
      if (tag === 116) {
        const length = buffer.readInt32BE(at);
        at += 4;
        if (encoder !== Skip) {
          const wrong = writeValue(encoder, buffer, at, at + length, lines);
          if (wrong !== undefined) this.#problem = `${relation.names[i]}: ${wrong}`;
          lines.buffer[lines.length++] = 9;
        }
        at += length;
      } else if (encoder !== Skip) {
        if (tag === 117) this.#refuseHole(relation, i);
        // A column that may not be NULL now may have been when this was written; a later change of the row has filled it.
        if (deleted === 0 && !relation.nullable[i] && !this.#isPast) {
          throw new DriftError(`${relation.table.name}.${relation.names[i]} may be NULL now`);
        }
        lines.buffer[lines.length] = 92;
        lines.buffer[lines.length + 1] = 78;
        lines.buffer[lines.length + 2] = 9;
        lines.length += 3;
      }
    }
    this.#endLine(lines, deleted);
    this.#count(batch, relation, lines, before);
    return at;
  }

  #endLine(lines: Lines, deleted: 0 | 1): void {
    const version = this.#versions.at(this.#ordinal);
    const { buffer } = lines;
    let at = lines.length;
    for (let i = 0; i < version.length; i++) buffer[at++] = version.charCodeAt(i);
    buffer[at++] = 9;
    buffer[at++] = 48 + deleted;
    buffer[at++] = 10;
    lines.length = at;
  }

  #count(batch: Batch, relation: Relation, lines: Lines, before: number): void {
    this.rowsDecoded += 1;
    if (this.#problem !== undefined) {
      const payload = lines.buffer.toString("utf8", before, lines.length - 1);
      lines.length = before;
      batch.refused.push({
        table: relation.table.name,
        lsn: this.#commitLsn,
        ordinal: this.#ordinal,
        reason: this.#problem,
        columns: relation.columns,
        payload,
      });
    } else {
      lines.rows += 1;
      batch.rows += 1;
      batch.bytes += lines.length - before;
    }
    failPoint("decoded");
    this.#options.batcher.added();
  }

  #refuseHole(relation: Relation, index: number): never {
    const { name } = relation.table;
    const column = relation.names[index];
    throw new StopError(
      "out_of_line",
      `${name}.${column} was stored out of line, so the log does not carry it. Mend: ALTER TABLE "${name}" ALTER COLUMN "${column}" SET STORAGE PLAIN; ` +
        `then take the table out of the publication, rewrite its rows (UPDATE "${name}" SET "${column}" = "${column}" || ''), VACUUM FULL "${name}" and add it again.`,
    );
  }
}
