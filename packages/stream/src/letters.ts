import type { ClickHouse } from "@xianfeng/clickhouse";
import type { LetterGroup } from "@xianfeng/service/stream-page";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { holdStill, selectRows } from "./copy.ts";
import { versionOf } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import { refusesRow, type Sink } from "./sink.ts";

export type Letter = {
  table: string;
  epoch: number;
  commit_lsn: string;
  ordinal: number;
  code: number;
  columns: string[];
  payload: string;
};

const letterKey = "`table`, epoch, commit_lsn, ordinal";
/** Rows handled at once. */
const pageSize = 500;
const mostKeys = 5;

/** What was set aside, by table and reason, the newest first. */
export async function listLetters(
  clickhouse: ClickHouse,
  tables: ReadonlyMap<string, TableState>,
): Promise<LetterGroup[]> {
  type Row = Omit<LetterGroup, "keys" | "count" | "emptied"> & {
    count: string;
    emptied: string;
    samples: [string[], string][];
  };
  const rows = await clickhouse.query<Row>(
    `SELECT \`table\`, code, if(code = 0, error, errorCodeToName(code)) AS reason, toString(count()) AS count,
       toString(countIf(payload = '')) AS emptied, formatDateTime(min(set_aside_at), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS first,
       formatDateTime(max(set_aside_at), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS last, groupArray(${mostKeys})((columns, payload)) AS samples
     FROM raw._dead_letter FINAL GROUP BY \`table\`, code, reason ORDER BY last DESC, \`table\`, reason`,
  );
  return rows.map(({ samples, count, emptied, ...row }) => ({
    ...row,
    count: Number(count),
    emptied: Number(emptied),
    keys: samples.flatMap(([columns, payload]) => {
      const key = keyOf({ columns, payload }, tables.get(row.table)?.landing.key ?? []);
      return key?.every((value) => /^[\w-]{1,64}$/.test(value)) ? [key.join(", ")] : [];
    }),
  }));
}

export type Mended = { landed: number; left: number };

type Side = {
  clickhouse: ClickHouse;
  sink: Sink;
  epoch: number;
  tables: ReadonlyMap<string, TableState>;
  /** Told after each page. */
  report(mended: Mended): void;
};

/**
 * Tries the rows as they were, with their own versions, so that whatever came later still wins. What the stream itself had kept back is
 * not tried: ClickHouse would take it and change it.
 */
export async function replayLetters(side: Side, names: readonly string[]): Promise<Mended> {
  return eachPage(side, names, async (letters, table) => {
    const landed: Letter[] = [];
    const may = letters.filter(
      (letter) => letter.epoch === side.epoch && letter.code !== 0 && letter.columns.length > 0,
    );
    for (const group of Map.groupBy(may, (letter) => letter.columns.join()).values()) {
      const columns = group[0]?.columns ?? [];
      const lines = group.map((letter) => Buffer.from(`${letter.payload}\n`));
      for (const index of await land(side, table, columns, lines)) {
        const letter = group[index];
        if (letter) landed.push(letter);
      }
    }
    return landed;
  });
}

/**
 * Reads the rows again by their keys, as they are at a snapshot, with the version of that place of the log: above everything the row
 * was before, below everything that comes. A key that is gone gets a tombstone.
 */
export async function repairLetters(
  side: Side,
  names: readonly string[],
  snapshot: { client: pg.Client; lsn: bigint },
): Promise<Mended> {
  const held = new Set<TableState>();
  return eachPage(side, names, async (letters, table) => {
    if (!held.has(table)) await holdStill(snapshot.client, table);
    held.add(table);
    const version = versionOf(side.epoch, snapshot.lsn, 0);
    const present = { letters: [] as Letter[][], lines: [] as Buffer[], columns: selectRows(table, version).columns };
    const gone = { letters: [] as Letter[][], lines: [] as Buffer[] };
    const byKey = Map.groupBy(letters, (letter) => rawKeyOf(letter, table.landing.key)?.join("\t"));
    for (const [rawKey, same] of byKey) {
      const key = same[0] && keyOf(same[0], table.landing.key);
      // Without its key the row cannot be read again.
      if (rawKey === undefined || !key) continue;
      const line = await readRow(snapshot.client, table, version, key);
      if (line) {
        present.lines.push(line);
        present.letters.push(same);
      } else {
        gone.lines.push(Buffer.from(`${rawKey}\t${version}\t1\n`));
        gone.letters.push(same);
      }
    }
    const here = await land(side, table, present.columns, present.lines);
    const away = await land(side, table, [...table.landing.key, "_version", "_deleted"], gone.lines);
    return [...here.flatMap((at) => present.letters[at] ?? []), ...away.flatMap((at) => gone.letters[at] ?? [])];
  });
}

/** Names of tables with rows set aside. */
export async function tablesWithLetters(clickhouse: ClickHouse): Promise<string[]> {
  const rows = await clickhouse.query<{ table: string }>(
    "SELECT DISTINCT `table` FROM raw._dead_letter FINAL ORDER BY `table`",
  );
  return rows.map((row) => row.table);
}

async function eachPage(
  side: Side,
  names: readonly string[],
  work: (letters: Letter[], table: TableState) => Promise<Letter[]>,
): Promise<Mended> {
  const mended = { landed: 0, left: 0 };
  for (const name of names) {
    const table = side.tables.get(name);
    for (let after = ["0", "0", "0"]; ; ) {
      const letters = await side.clickhouse.query<Letter>(
        `SELECT \`table\`, epoch, toString(commit_lsn) AS commit_lsn, ordinal, code, columns, payload FROM raw._dead_letter FINAL
         WHERE \`table\` = {name:String} AND (epoch, _dead_letter.commit_lsn, ordinal) > ({a:UInt16}, {b:UInt64}, {c:UInt32})
         ORDER BY epoch, _dead_letter.commit_lsn, ordinal LIMIT ${pageSize}`,
        { name, a: after[0], b: after[1], c: after[2] },
      );
      const last = letters.at(-1);
      if (!last) break;
      after = [String(last.epoch), last.commit_lsn, String(last.ordinal)];
      const whole = letters.filter((letter) => letter.payload !== "");
      const landed = table && table.targets.length > 0 ? await work(whole, table) : [];
      mended.landed += landed.length;
      mended.left += letters.length - landed.length;
      if (landed.length > 0) await forget(side, landed);
      side.report({ ...mended });
    }
  }
  return mended;
}

/** Only after they have landed, and after the marts have been told: whoever is killed before that finds them on the list again. */
async function forget(side: Side, letters: readonly Letter[]): Promise<void> {
  await side.sink.untilDone(() => announce(side.clickhouse, letters[0]?.table ?? ""));
  const keys = letters.map((l) => `({name:String}, ${l.epoch}, ${l.commit_lsn}, ${l.ordinal})`).join(", ");
  await side.sink.untilDone(() =>
    side.clickhouse.command(`DELETE FROM raw._dead_letter WHERE (${letterKey}) IN (${keys})`, {
      name: letters[0]?.table ?? "",
    }),
  );
}

/**
 * Says that rows of a table have come that no new commit explains. The refresher computes everything anew when `_copied` has changed:
 * it would look for newer versions only, and these are older than what it has already seen.
 */
async function announce(clickhouse: ClickHouse, table: string): Promise<void> {
  await clickhouse.command(
    `INSERT INTO raw._copied SELECT * REPLACE ((SELECT max(_version) + 1 FROM raw._copied) AS _version)
     FROM raw._copied FINAL WHERE \`table\` = {table:String}`,
    { table },
  );
}

/** Inserts lines into all targets of a table and answers the numbers of those that every target took. */
async function land(side: Side, table: TableState, columns: readonly string[], lines: readonly Buffer[]) {
  const landed: number[] = [];
  const attempt = async (from: number, to: number): Promise<void> => {
    if (from >= to) return;
    if (await taken(side, table, columns, lines.slice(from, to))) {
      for (let at = from; at < to; at++) landed.push(at);
    } else if (to - from > 1) {
      const middle = (from + to) >> 1;
      await attempt(from, middle);
      await attempt(middle, to);
    }
  };
  await attempt(0, lines.length);
  return landed;
}

async function taken(side: Side, table: TableState, columns: readonly string[], lines: readonly Buffer[]) {
  return side.sink.untilDone(async () => {
    try {
      for (const target of table.targets) await side.clickhouse.insertLines(target, columns, Buffer.concat(lines));
      return true;
    } catch (error) {
      if (refusesRow(error)) return false;
      throw error;
    }
  });
}

/** The row with this key as a line for ClickHouse; undefined when there is none. */
async function readRow(client: pg.Client, table: TableState, version: bigint, key: readonly string[]) {
  const where = table.landing.key
    .map((column, at) => `${pg.escapeIdentifier(column)} = ${pg.escapeLiteral(key[at] ?? "")}`)
    .join(" AND ");
  const source = client.query(copyTo(`COPY (${selectRows(table, version).sql} WHERE ${where}) TO STDOUT`));
  const pieces: Buffer[] = [];
  for await (const piece of source as AsyncIterable<Buffer>) pieces.push(piece);
  return pieces.length > 0 ? Buffer.concat(pieces) : undefined;
}

/** The key as it stands in the line; undefined when it is not known where it stands or it is not whole. */
function rawKeyOf({ columns, payload }: Pick<Letter, "columns" | "payload">, key: readonly string[]) {
  const values = payload.split("\t");
  const found = key.map((name) => values[columns.indexOf(name)]);
  return key.length > 0 && found.every((value) => value !== undefined && value !== "\\N")
    ? (found as string[])
    : undefined;
}

const escapes: Record<string, string> = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f", v: "\v" };

const keyOf = (letter: Pick<Letter, "columns" | "payload">, key: readonly string[]): string[] | undefined =>
  rawKeyOf(letter, key)?.map((raw) => raw.replace(/\\(.)/g, (_, sign: string) => escapes[sign] ?? sign));
