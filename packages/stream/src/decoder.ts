import type { Batch, Batcher } from "./batch.ts";
import { roomFor, Skip, writeValue } from "./encode.ts";
import { DriftError, MalformedError, StopError, UnstreamableError } from "./errors.ts";
import { failPoint } from "./failpoint.ts";
import { stageName } from "./fresh.ts";
import type { History } from "./history.ts";
import type { Lines } from "./lines.ts";
import type { Look } from "./look.ts";
import { VersionText, versionOf } from "./lsn.ts";
import { parseRelation, type Relation, relate, type TableState } from "./relation.ts";
import { OpenTransactions } from "./streamed.ts";

const postgresEpochMs = Date.UTC(2000, 0, 1);

export type DecoderOptions = {
  epoch: number;
  tables: ReadonlyMap<string, TableState>;
  batcher: Batcher;
  /** When the catalog was read that `tables` come from. */
  look: Look;
  history: History;
};

const timeAt = (buffer: Buffer, at: number) => new Date(postgresEpochMs + Number(buffer.readBigInt64BE(at) / 1000n));

function expectLength(length: number, wanted: number): void {
  if (length !== wanted) throw new MalformedError(`a message of ${length} bytes where ${wanted} were expected`);
}

function expectAtLeast(length: number, wanted: number): void {
  if (length < wanted) throw new MalformedError(`a message of ${length} bytes where at least ${wanted} were expected`);
}

function expectEnd(at: number, end: number): void {
  if (at !== end) throw new MalformedError("a row that goes on behind its last column");
}

/**
 * Turns pgoutput messages straight into lines for ClickHouse, without a JavaScript value per column. A transaction arrives when it has
 * committed (protocol 1), so its version is known from its first row; or, when it is large, in pieces while it runs (protocol 2).
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
  readonly #open = new OpenTransactions(stageName);
  /** Reason why the row being written has to be set aside. */
  #problem: string | undefined;
  rowsDecoded = 0;

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  /** Takes one message, `buffer[start..end)`. */
  message(buffer: Buffer, start: number, end: number): void {
    if (this.#open.current) this.#pieceMessage(buffer, start, end);
    else if (!this.#change(buffer[start], buffer, start, end)) this.#control(buffer, start, end);
  }

  /** Messages about rows. @returns false when it is another one */
  #change(kind: number | undefined, buffer: Buffer, start: number, end: number): boolean {
    switch (kind) {
      case 73: // I
        this.#insert(buffer, start, end);
        return true;
      case 85: // U
        this.#update(buffer, start, end);
        return true;
      case 68: // D
        this.#delete(buffer, start, end);
        return true;
      case 82: // R
        this.#relation(buffer, start, end);
        return true;
      case 84: // T
        this.#truncate(buffer, start, end);
        return true;
      default:
        return false;
    }
  }

  #control(buffer: Buffer, start: number, end: number): void {
    switch (buffer[start]) {
      case 66: // B
        this.#begin(buffer, start, end);
        break;
      case 67: // C
        this.#commit(buffer, start, end);
        break;
      case 83: // S
        this.#pieceStart(buffer, start, end);
        break;
      case 99: // c
        this.#streamCommit(buffer, start, end);
        break;
      case 65: // A
        this.#streamAbort(buffer, start, end);
        break;
      case 89: // Y
      case 79: // O
      case 77: // M
        // Type, origin and logical messages carry no rows.
        break;
      default:
        throw new MalformedError(`a message of unknown kind ${buffer[start]}`);
    }
  }

  #begin(buffer: Buffer, start: number, end: number): void {
    expectLength(end - start, 21);
    this.#commitLsn = buffer.readBigUInt64BE(start + 1);
    this.#commitTime = timeAt(buffer, start + 9);
    this.#versions = new VersionText(this.#options.epoch, this.#commitLsn);
    this.#ordinal = 0;
    this.#isPast = this.#options.look.saw(buffer.readUInt32BE(start + 17));
    this.#options.batcher.begin();
  }

  #commit(buffer: Buffer, start: number, end: number): void {
    expectLength(end - start, 26);
    const place = buffer.readBigUInt64BE(start + 10);
    this.#options.history.commit(place, this.#commitTime);
    this.#options.batcher.commit(place, this.#commitTime);
  }

  /** A message inside a piece of a transaction that has not ended: before its content stands the number of its (sub)transaction. */
  #pieceMessage(buffer: Buffer, start: number, end: number): void {
    const kind = buffer[start];
    if (kind === 69) {
      // E
      expectLength(end - start, 1);
      this.#open.endPiece(this.#ordinal);
      return;
    }
    expectAtLeast(end - start, 5);
    const versions =
      kind === 73 || kind === 85 || kind === 68
        ? this.#open.row(buffer.readUInt32BE(start + 1), this.#ordinal)
        : undefined;
    if (versions) {
      this.#versions = versions;
      this.#ordinal = 0;
    }
    // TRUNCATE has to come after rows of other transactions, which have no place yet.
    if (kind === 84) throw new UnstreamableError("a large transaction with a TRUNCATE");
    try {
      if (!this.#change(kind, buffer, start + 4, end) && kind !== 89 && kind !== 77 && kind !== 79)
        throw new MalformedError(`a message of unknown kind ${kind} inside a piece of a transaction`);
    } catch (error) {
      if (error instanceof DriftError || error instanceof StopError) throw new UnstreamableError(error.message);
      throw error;
    }
  }

  #pieceStart(buffer: Buffer, start: number, end: number): void {
    expectLength(end - start, 6);
    const xid = buffer.readUInt32BE(start + 1);
    this.#open.startPiece(xid);
    this.#isPast = this.#options.look.saw(xid);
  }

  #streamCommit(buffer: Buffer, start: number, end: number): void {
    expectLength(end - start, 30);
    const streamed = this.#open.ended(buffer.readUInt32BE(start + 1));
    this.#commitLsn = buffer.readBigUInt64BE(start + 6);
    const place = buffer.readBigUInt64BE(start + 14);
    this.#commitTime = timeAt(buffer, start + 22);
    // From here on the server takes these shapes for known.
    for (const [oid, relation] of streamed.relations) this.#relations.set(oid, relation);
    this.#options.history.commit(place, this.#commitTime);
    this.#options.batcher.current.streamed.push(streamed.commit(this.#commitLsn));
    this.#options.batcher.commit(place, this.#commitTime);
  }

  #streamAbort(buffer: Buffer, start: number, end: number): void {
    expectLength(end - start, 9);
    const xid = buffer.readUInt32BE(start + 1);
    const part = buffer.readUInt32BE(start + 5);
    if (part !== xid) {
      this.#open.abortPart(xid, part);
      return;
    }
    const { current } = this.#options.batcher;
    current.dropped.push(...this.#open.ended(xid).stages);
    current.started();
  }

  #relation(buffer: Buffer, start: number, end: number): void {
    const known = this.#open.current?.relations ?? this.#relations;
    const message = parseRelation(buffer, start, end);
    const table = message.namespace === "public" ? this.#options.tables.get(message.name) : undefined;
    if (!table) {
      known.set(message.oid, undefined);
      return;
    }
    const { relation, unknown } = relate(message, table);
    // What the catalog did not have any more when it was read after this transaction was dropped, renamed or retyped since.
    if (unknown.length > 0 && !this.#isPast) {
      throw new DriftError(`${table.name} has new columns: ${unknown.join(", ")}`);
    }
    known.set(message.oid, relation);
  }

  #insert(buffer: Buffer, start: number, end: number): void {
    expectAtLeast(end - start, 8);
    const relation = this.#announced(buffer.readUInt32BE(start + 1));
    this.#ordinal += 1;
    if (buffer[start + 5] !== 78) throw new MalformedError("an insert without a new row");
    if (relation && this.#lands(relation)) expectEnd(this.#row(relation, buffer, start + 6, end, 0), end);
  }

  #update(buffer: Buffer, start: number, end: number): void {
    expectAtLeast(end - start, 8);
    const relation = this.#announced(buffer.readUInt32BE(start + 1));
    // Two ordinals, so that numbering does not depend on whether the key changed.
    this.#ordinal += 2;
    if (!relation || !this.#lands(relation)) return;
    let at = start + 5;
    if (buffer[at] !== 78) {
      if (buffer[at] !== 75 && buffer[at] !== 79) throw new MalformedError("an update without an old or a new row");
      this.#ordinal -= 1;
      at = this.#row(relation, buffer, at + 1, end, 1);
      this.#ordinal += 1;
      if (at >= end || buffer[at] !== 78) throw new MalformedError("an update without a new row");
    }
    expectEnd(this.#row(relation, buffer, at + 1, end, 0), end);
  }

  #delete(buffer: Buffer, start: number, end: number): void {
    expectAtLeast(end - start, 8);
    const relation = this.#announced(buffer.readUInt32BE(start + 1));
    this.#ordinal += 1;
    if (buffer[start + 5] !== 75 && buffer[start + 5] !== 79) throw new MalformedError("a delete without an old row");
    if (relation && this.#lands(relation)) expectEnd(this.#row(relation, buffer, start + 6, end, 1), end);
  }

  /**
   * False for what lies before the table's last copy: the copy holds it, or it went without an event. Where a transaction lies that has
   * not ended is seen when it has.
   */
  #lands({ table }: Relation): boolean {
    if (this.#open.current) return true;
    return table.targets.length > 0 && this.#commitLsn >= table.copiedLsn;
  }

  #truncate(buffer: Buffer, start: number, end: number): void {
    expectAtLeast(end - start, 6);
    const count = buffer.readUInt32BE(start + 1);
    expectLength(end - start, 6 + count * 4);
    this.#ordinal += 1;
    const version = versionOf(this.#options.epoch, this.#commitLsn, this.#ordinal);
    const { batcher } = this.#options;
    for (let i = 0; i < count; i++) {
      const relation = this.#announced(buffer.readUInt32BE(start + 6 + i * 4));
      if (relation && this.#lands(relation)) {
        batcher.current.truncates.push({ table: relation.table.name, version });
      }
    }
    if (batcher.current.truncates.length > 0) {
      batcher.current.started();
      batcher.cut();
    }
  }

  /** A relation of which the log has said what it looks like; undefined when it does not land. */
  #announced(oid: number): Relation | undefined {
    const known = this.#open.current?.relations ?? this.#relations;
    const relation = known.get(oid);
    if (!relation && !known.has(oid)) throw new MalformedError(`relation ${oid} was never announced`);
    return relation;
  }

  /** Writes one tuple; `deleted` 1 writes a tombstone of its key. Returns where the tuple ends. */
  #row(relation: Relation, buffer: Buffer, start: number, end: number, deleted: 0 | 1): number {
    const { batcher } = this.#options;
    const batch = batcher.current;
    const lines = batch.linesOf(this.#open.current?.staged(relation) ?? relation);
    const before = lines.length;
    this.#problem = undefined;
    let at: number;
    try {
      at = this.#values(relation, buffer, start, end, deleted, lines);
    } catch (error) {
      // Half a line must not be taken for the beginning of the next one.
      lines.length = before;
      throw error;
    }
    this.#endLine(lines, deleted);
    this.#count(batch, relation, lines, before);
    return at;
  }

  #values(relation: Relation, buffer: Buffer, start: number, end: number, deleted: 0 | 1, lines: Lines): number {
    const { encoders } = relation;
    if (start + 2 > end) throw new MalformedError("a row without a number of columns");
    const count = ((buffer[start] as number) << 8) | (buffer[start + 1] as number);
    if (count !== encoders.length)
      throw new MalformedError(`a row of ${count} columns where ${encoders.length} were announced`);
    lines.reserve(roomFor(end - start) + count * 4 + 64);
    let at = start + 2;
    for (let i = 0; i < count; i++) {
      const encoder = encoders[i] as number;
      if (at >= end) throw new MalformedError("a row that ends too early");
      const tag = buffer[at++];
      if (tag === 116) {
        const length = at + 4 <= end ? buffer.readInt32BE(at) : -1;
        at += 4;
        if (length < 0 || at + length > end) throw new MalformedError("a value that is longer than its row");
        if (encoder !== Skip) {
          const wrong = writeValue(encoder, buffer, at, at + length, lines);
          if (wrong !== undefined) this.#problem = `${relation.names[i]}: ${wrong}`;
          lines.buffer[lines.length++] = 9;
        }
        at += length;
      } else if (tag !== 110 && tag !== 117) {
        throw new MalformedError(`a value of unknown kind ${tag}`);
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
      if (this.#open.current) throw new UnstreamableError(this.#problem);
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
      if (this.#open.current) this.#open.current.bytes += lines.length - before;
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
