import type { LandingTable } from "@xianfeng/clickhouse/landing";
import { encoderOf, Skip } from "./encode.ts";
import { MalformedError } from "./errors.ts";
import type { Shape } from "./shape.ts";
import type { Stage } from "./streamed.ts";

/** A published table as the stream sees it now. */
export type TableState = {
  name: string;
  landing: LandingTable;
  /** Where its rows go: "raw.`meeting`", and a second one while a fresh copy is being filled; none before its first copy has begun. */
  targets: string[];
  /** Identity of the table and of its membership in the publication: a table that left and came back has another one. */
  relationOid: number;
  membershipOid: number;
  /** Type of each column in the catalog, as `typeKey` makes it. */
  types: ReadonlyMap<string, string>;
  shape: Shape;
  /** Where its last finished copy stands in the log. Nothing from before it may land any more. */
  copiedLsn: bigint;
  /** Settles when a first copy that is under way has been inserted. */
  filling?: Promise<void>;
};

/** A PostgreSQL type as the log names it. */
export const typeKey = (oid: number, modifier: number): string => `${oid}/${modifier}`;

/** One shape of a table inside the log, as the relation message told it. */
export type Relation = {
  table: TableState;
  /** For each column of the message: how to write it; `Skip` when it does not land. */
  encoders: number[];
  nullable: boolean[];
  names: string[];
  /** Columns of the INSERT, in the order of the lines. */
  columns: string[];
  /** Where its rows go until their transaction has ended; with it, `_version` holds a place inside the transaction. */
  stage?: Stage;
};

export type RelationMessage = {
  oid: number;
  namespace: string;
  name: string;
  columns: { name: string; type: string }[];
};

/**
 * Reads a relation message ('R'), `buffer[start..stop)`.
 * @throws MalformedError
 */
export function parseRelation(buffer: Buffer, start: number, stop: number): RelationMessage {
  let at = start + 1;
  const within = (bytes: number) => {
    if (at + bytes > stop) throw new MalformedError("a relation message ends too early");
  };
  const text = () => {
    const end = buffer.indexOf(0, at);
    if (end < 0 || end >= stop) throw new MalformedError("a name in a relation message has no end");
    const value = buffer.toString("utf8", at, end);
    at = end + 1;
    return value;
  };
  within(4);
  const oid = buffer.readUInt32BE(at);
  at += 4;
  const namespace = text();
  const name = text();
  within(3);
  at += 1;
  const count = buffer.readUInt16BE(at);
  at += 2;
  const columns: RelationMessage["columns"] = [];
  for (let i = 0; i < count; i++) {
    at += 1;
    const column = text();
    within(8);
    columns.push({ name: column, type: typeKey(buffer.readUInt32BE(at), buffer.readInt32BE(at + 4)) });
    at += 8;
  }
  if (at !== stop) throw new MalformedError("a relation message goes on behind its end");
  return { oid, namespace, name, columns };
}

/** Joins a relation message with the landing table; columns that the catalog has not, or not with this type, are named. */
export function relate(message: RelationMessage, table: TableState): { relation: Relation; unknown: string[] } {
  const known = new Map(table.landing.columns.map((column) => [column.name, column]));
  const found = message.columns.map(({ name }) => known.get(name));
  const names = message.columns.map(({ name }) => name);
  return {
    relation: {
      table,
      encoders: found.map((column) => (column ? encoderOf(column) : Skip)),
      nullable: found.map((column) => column?.nullable ?? true),
      names,
      columns: [...names.filter((name) => known.has(name)), "_version", "_deleted"],
    },
    unknown: message.columns
      .filter(({ name, type }) => table.types.get(name) !== type)
      .map(({ name, type }) => `${name}:${type}`),
  };
}
