import type { LandingColumn } from "@xianfeng/clickhouse/landing";
import type { Lines } from "./lines.ts";

/** How one column of a relation is written. Numbers, because this is read once for every value. */
export const Skip = 0;
export const Plain = 1;
export const Text = 2;
export const Day = 3;
export const Instant = 4;
export const Numeric = 5;
export const List = 6;
export const NumberList = 7;

const codes = {
  plain: Plain,
  text: Text,
  date: Day,
  instant: Instant,
  numeric: Numeric,
  list: List,
  numberList: NumberList,
};
export const encoderOf = (column: LandingColumn): number => codes[column.kind];

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const quote = 34;
const apostrophe = 39;
const comma = 44;
const minus = 45;
const backslash = 92;
const zero = 48;
const nine = 57;

/** Most bytes that a value of so many bytes can become. */
export const roomFor = (bytes: number): number => bytes * 4 + 8;

/**
 * Writes a value in PostgreSQL's text form as ClickHouse's tab-separated form.
 * @returns what is wrong when ClickHouse would change the value without saying so; undefined when it was written exactly
 */
export function writeValue(kind: number, source: Buffer, from: number, to: number, lines: Lines): string | undefined {
  switch (kind) {
    case Plain:
      copyBytes(source, from, to, lines);
      return undefined;
    case Text:
      escapeBytes(source, from, to, lines);
      return undefined;
    case Day: {
      copyBytes(source, from, to, lines);
      return to - from === 10 && yearFits(source, from) ? undefined : "date outside 1900-01-01 … 2299-12-31";
    }
    case Instant: {
      // The session's time zone is UTC, so every instant ends in "+00"; anything else is infinity or before Christ.
      const isUtc = to - from >= 22 && source[to - 3] === 43 && source[to - 2] === zero && source[to - 1] === zero;
      copyBytes(source, from, isUtc ? to - 3 : to, lines);
      return isUtc && source[from + 4] === minus && yearFits(source, from) ? undefined : "instant outside 1900 … 2299";
    }
    case Numeric: {
      copyBytes(source, from, to, lines);
      const first = source[from] === minus ? source[from + 1] : source[from];
      return first !== undefined && first >= zero && first <= nine ? undefined : "not a finite number";
    }
    case List:
      return writeList(source, from, to, lines, true);
    default:
      return writeList(source, from, to, lines, false);
  }
}

// ClickHouse moves a date outside these years to the nearest one it has, without an error.
function yearFits(source: Buffer, from: number): boolean {
  const century = ((source[from] ?? 0) - zero) * 10 + ((source[from + 1] ?? 0) - zero);
  return century >= 19 && century <= 22;
}

export function copyBytes(source: Buffer, from: number, to: number, lines: Lines): void {
  const { buffer } = lines;
  let at = lines.length;
  if (to - from > 64) {
    source.copy(buffer, at, from, to);
    at += to - from;
  } else {
    for (let i = from; i < to; i++) buffer[at++] = source[i] as number;
  }
  lines.length = at;
}

function escapeBytes(source: Buffer, from: number, to: number, lines: Lines): void {
  const { buffer } = lines;
  let at = lines.length;
  for (let i = from; i < to; i++) {
    const byte = source[i] as number;
    if (byte > carriageReturn && byte !== backslash) {
      buffer[at++] = byte;
    } else {
      at = escapeByte(byte, buffer, at);
    }
  }
  lines.length = at;
}

function escapeByte(byte: number, buffer: Buffer, at: number): number {
  let place = at;
  if (byte === tab || byte === newline || byte === carriageReturn || byte === backslash) {
    buffer[place++] = backslash;
    buffer[place++] = byte === tab ? 116 : byte === newline ? 110 : byte === carriageReturn ? 114 : backslash;
  } else {
    buffer[place++] = byte;
  }
  return place;
}

/** `{a,"b c"}` becomes `['a','b c']`. */
function writeList(source: Buffer, from: number, to: number, lines: Lines, quoted: boolean): string | undefined {
  const { buffer } = lines;
  const start = lines.length;
  let at = start;
  let problem: string | undefined;
  if (source[from] !== 123 || source[to - 1] !== 125 || to - from < 2) problem = "a list with unusual bounds";
  buffer[at++] = 91;
  let i = from + 1;
  while (i < to - 1 && !problem) {
    if (source[i] === comma) {
      buffer[at++] = comma;
      i += 1;
    }
    if (source[i] === 123) problem = "a list of lists";
    if (quoted) buffer[at++] = apostrophe;
    if (source[i] === quote) {
      i += 1;
      while (source[i] !== quote && i < to - 1) {
        if (source[i] === backslash) i += 1;
        at = escapeInList(source[i] as number, buffer, at);
        i += 1;
      }
      if (i >= to - 1) problem = "a list with an element that does not end";
      i += 1;
    } else {
      const begin = i;
      while (i < to - 1 && source[i] !== comma) {
        at = escapeInList(source[i] as number, buffer, at);
        i += 1;
      }
      if (source.toString("latin1", begin, i) === "NULL") problem = "a list with a missing element";
    }
    if (quoted) buffer[at++] = apostrophe;
  }
  buffer[at++] = 93;
  lines.length = at;
  return problem;
}

function escapeInList(byte: number, buffer: Buffer, at: number): number {
  if (byte !== apostrophe) return escapeByte(byte, buffer, at);
  buffer[at] = backslash;
  buffer[at + 1] = apostrophe;
  return at + 2;
}
