import { MalformedError, UnstreamableError } from "./errors.ts";
import { VersionText, versionOf } from "./lsn.ts";
import type { Relation, TableState } from "./relation.ts";

/** A table beside a landing table, for rows of a transaction that has not ended yet. */
export type Stage = { table: TableState; name: string; isOpen: boolean };

/** Rows of one (sub)transaction that follow each other in one piece of the stream. */
type Segment = { xid: number; rows: number };

/** Rows `[from, to]` of a stage, and for each segment among them how many rows of the transaction come before it; 0-based, -1 = rolled back. */
export type Piece = { from: bigint; to: bigint; first: number; before: number[] };

/** A transaction that was sent while it ran, and has been committed. */
export type StreamedCommit = { lsn: bigint; stages: Stage[]; pieces: Piece[] };

const mostSegments = 10_000;
/** ClickHouse takes so much at once as a whole, and answers in time. */
const [pieceRows, pieceBytes] = [400_000, 100 * 1024 * 1024];
const pieceSegments = 500;

// ClickHouse takes no number that begins with 0.
const stagedEpoch = 1;

/** Places of rows inside their stage, in the column of the version, which is not known before the commit: segment, and ordinal inside it. */
const stagedVersions = (segment: number): VersionText => new VersionText(stagedEpoch, BigInt(segment));

const stagedVersion = (segment: number, ordinal: number): bigint => versionOf(stagedEpoch, BigInt(segment), ordinal);

/**
 * A transaction that PostgreSQL sends while it runs. Its rows are numbered within segments, so that those of a part that is rolled back
 * can be left out at the end: the versions become the same as when it is sent after its commit.
 */
export class Streamed {
  readonly relations = new Map<number, Relation | undefined>();
  /** Size of all rows. */
  bytes = 0;
  readonly #staged = new Map<Relation, Relation>();
  readonly #stages = new Map<TableState, Stage>();
  readonly #segments: Segment[] = [];
  readonly #aborted = new Set<number>();
  readonly #nameOf: (table: TableState) => string;

  constructor(nameOf: (table: TableState) => string) {
    this.#nameOf = nameOf;
  }

  get stages(): Stage[] {
    return [...this.#stages.values()];
  }

  /** False when it is in so many parts that it had better be sent as a whole. */
  get isOrderly(): boolean {
    return this.#segments.length <= mostSegments;
  }

  /** Begins a segment. @returns its number */
  begin(xid: number): number {
    this.#segments.push({ xid, rows: 0 });
    return this.#segments.length - 1;
  }

  /** The present segment has numbered so many rows. */
  end(rows: number): void {
    const segment = this.#segments.at(-1);
    if (segment) segment.rows = rows;
  }

  /** What belongs to this subtransaction is rolled back. */
  abort(xid: number): void {
    this.#aborted.add(xid);
  }

  /** The same relation with its rows going to the stage. */
  staged(relation: Relation): Relation {
    let staged = this.#staged.get(relation);
    if (!staged) {
      const { table } = relation;
      const stage = this.#stages.get(table) ?? { table, name: this.#nameOf(table), isOpen: false };
      this.#stages.set(table, stage);
      staged = { ...relation, stage };
      this.#staged.set(relation, staged);
    }
    return staged;
  }

  commit(lsn: bigint): StreamedCommit {
    const all = this.#segments.reduce((sum, segment) => sum + segment.rows, 0);
    const most = Math.max(1, Math.min(pieceRows, Math.floor((pieceBytes / Math.max(1, this.bytes)) * all)));
    const pieces: Piece[] = [];
    let before = 0;
    let piece: Piece | undefined;
    let rows = 0;
    for (const [at, segment] of this.#segments.entries()) {
      const isAborted = this.#aborted.has(segment.xid);
      if (segment.rows > 0xffffffff) throw new MalformedError("more rows than a version can number");
      for (let from = 1; from <= segment.rows; from += most) {
        const size = Math.min(most, segment.rows - from + 1);
        if (!piece || rows + size > most || piece.before.length >= pieceSegments) {
          piece = { from: stagedVersion(at, from), to: 0n, first: at, before: [] };
          pieces.push(piece);
          rows = 0;
        }
        rows += size;
        piece.to = stagedVersion(at, from + size - 1);
        piece.before[at - piece.first] = isAborted ? -1 : before;
      }
      if (!isAborted) before += segment.rows;
    }
    return { lsn, stages: this.stages, pieces };
  }
}

/** Transactions that have begun to arrive before they have ended, in pieces between those of others. */
export class OpenTransactions {
  readonly #byXid = new Map<number, Streamed>();
  readonly #nameOf: (table: TableState) => string;
  /** The one of which a piece is arriving. */
  #current: Streamed | undefined;
  /** Which of its (sub)transactions the present segment belongs to; undefined when the next row begins one. */
  #segmentXid: number | undefined;

  constructor(nameOf: (table: TableState) => string) {
    this.#nameOf = nameOf;
  }

  get current(): Streamed | undefined {
    return this.#current;
  }

  startPiece(xid: number): void {
    this.#current = this.#byXid.get(xid) ?? new Streamed(this.#nameOf);
    this.#byXid.set(xid, this.#current);
  }

  /** @param ordinal of the last row of the piece */
  endPiece(ordinal: number): void {
    if (this.#segmentXid !== undefined) this.#current?.end(ordinal);
    this.#segmentXid = undefined;
    this.#current = undefined;
  }

  /**
   * To be told of each row, with the ordinal of the one before.
   * @returns how to number from here on, where another segment begins
   */
  row(xid: number, ordinal: number): VersionText | undefined {
    const current = this.#current;
    if (!current || this.#segmentXid === xid) return undefined;
    if (this.#segmentXid !== undefined) current.end(ordinal);
    this.#segmentXid = xid;
    const versions = stagedVersions(current.begin(xid));
    if (!current.isOrderly) throw new UnstreamableError("a large transaction of very many parts");
    return versions;
  }

  abortPart(xid: number, part: number): void {
    this.#byXid.get(xid)?.abort(part);
  }

  /** Takes out a transaction that has ended. */
  ended(xid: number): Streamed {
    const streamed = this.#byXid.get(xid);
    if (!streamed) throw new MalformedError(`transaction ${xid} ends and has never begun`);
    this.#byXid.delete(xid);
    return streamed;
  }
}
