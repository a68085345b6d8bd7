import type { LandingColumn, LandingTable } from "@xianfeng/clickhouse/landing";
import { landingType } from "@xianfeng/clickhouse/landing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Batcher } from "../src/batch.ts";
import { Decoder } from "../src/decoder.ts";
import { MalformedError } from "../src/errors.ts";
import { History } from "../src/history.ts";
import { Look } from "../src/look.ts";
import { versionOf } from "../src/lsn.ts";
import type { TableState } from "../src/relation.ts";

const seed = Number(process.env.SEED ?? 20261122);
const epoch = 3;
const commitLsn = 0x1234567n;

/** A column, a value in PostgreSQL's text form, and the same in ClickHouse's tab-separated form. */
type Sample = { text: string | null; line: string };
type Kind = { pgType: string; samples: fc.Arbitrary<Sample> };

const escaped = (text: string) =>
  text.replace(/[\\\t\n\r]/g, (sign) => ({ "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" })[sign] ?? sign);
const words = fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll("\0", "·"));
const same = (text: string): Sample => ({ text, line: text });
const two = (n: number) => String(n).padStart(2, "0");
const day = fc
  .date({ min: new Date("1900-01-01"), max: new Date("2299-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const uuid = fc.uuid();
const quoteElement = (text: string) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
const element = (text: string) => `'${escaped(text).replaceAll("'", "\\'")}'`;

const kinds: Record<string, Kind> = {
  whole: { pgType: "integer", samples: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((n) => same(String(n))) },
  big: { pgType: "bigint", samples: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => same(String(n))) },
  truth: { pgType: "boolean", samples: fc.constantFrom("t", "f").map(same) },
  exact: {
    pgType: "numeric(20,4)",
    samples: fc
      .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: 0, max: 9_999 }))
      .map(([n, f]) => same(`${n}.${String(f).padStart(4, "0")}`)),
  },
  words: { pgType: "text", samples: words.map((text) => ({ text, line: escaped(text) })) },
  data: { pgType: "jsonb", samples: fc.json().map((text) => ({ text, line: escaped(text) })) },
  uid: { pgType: "uuid", samples: uuid.map(same) },
  day: { pgType: "date", samples: day.map(same) },
  at: {
    pgType: "timestamp(3) with time zone",
    samples: fc.tuple(day, fc.integer({ min: 0, max: 86_399 })).map(([date, second]) => {
      const time = `${date} ${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
      return { text: `${time}+00`, line: time };
    }),
  },
  tags: {
    pgType: "text[]",
    samples: fc
      .array(words, { maxLength: 5 })
      .map((list) => ({ text: `{${list.map(quoteElement).join(",")}}`, line: `[${list.map(element).join(",")}]` })),
  },
  counts: {
    pgType: "integer[]",
    samples: fc
      .array(fc.integer(), { maxLength: 5 })
      .map((list) => ({ text: `{${list.join(",")}}`, line: `[${list.join(",")}]` })),
  },
};
const names = Object.keys(kinds);
const lists = new Set(["tags", "counts"]);

const columns: LandingColumn[] = names.map((name) => {
  const pgType = kinds[name]?.pgType ?? "";
  return { ...landingType(pgType), name, pgType, nullable: name !== "whole" && !lists.has(name) };
});
const landing: LandingTable = { name: "thing", columns, key: ["whole"] };

/** A row: each column's sample, NULL where the column takes it. */
const row: fc.Arbitrary<Sample[]> = fc.tuple(
  ...names.map((name) => {
    const samples = kinds[name]?.samples ?? fc.constant(same(""));
    const mayBeNull = name !== "whole" && !lists.has(name);
    return mayBeNull
      ? fc.oneof({ weight: 5, arbitrary: samples }, { weight: 1, arbitrary: fc.constant({ text: null, line: "\\N" }) })
      : samples;
  }),
);

const uint32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n >>> 0);
  return bytes;
};
const uint16 = (n: number) => Buffer.from([n >> 8, n & 255]);
const uint64 = (n: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(n);
  return bytes;
};
const text = (value: string) => Buffer.from(`${value}\0`);
const oid = 4711;

const relationMessage = Buffer.concat([
  Buffer.from("R"),
  uint32(oid),
  text("public"),
  text("thing"),
  Buffer.from("d"),
  uint16(names.length),
  ...names.map((name, index) =>
    Buffer.concat([Buffer.from([name === "whole" ? 1 : 0]), text(name), uint32(100 + index), uint32(-1)]),
  ),
]);
const begin = Buffer.concat([Buffer.from("B"), uint64(commitLsn), uint64(0n), uint32(700)]);
const commit = Buffer.concat([Buffer.from("C\0"), uint64(commitLsn), uint64(commitLsn + 48n), uint64(0n)]);

const tuple = (samples: readonly Sample[]) =>
  Buffer.concat([
    uint16(samples.length),
    ...samples.map(({ text: value }) => {
      if (value === null) return Buffer.from("n");
      const bytes = Buffer.from(value);
      return Buffer.concat([Buffer.from("t"), uint32(bytes.length), bytes]);
    }),
  ]);
const keyOnly = (samples: readonly Sample[]) =>
  samples.map((sample, index) => (names[index] === "whole" ? sample : { text: null, line: "\\N" }));
const insert = (samples: readonly Sample[]) =>
  Buffer.concat([Buffer.from("I"), uint32(oid), Buffer.from("N"), tuple(samples)]);
const update = (samples: readonly Sample[]) =>
  Buffer.concat([Buffer.from("U"), uint32(oid), Buffer.from("N"), tuple(samples)]);
const moved = (old: readonly Sample[], now: readonly Sample[]) =>
  Buffer.concat([Buffer.from("U"), uint32(oid), Buffer.from("K"), tuple(keyOnly(old)), Buffer.from("N"), tuple(now)]);
const remove = (samples: readonly Sample[]) =>
  Buffer.concat([Buffer.from("D"), uint32(oid), Buffer.from("K"), tuple(keyOnly(samples))]);

function reader() {
  const table: TableState = {
    name: "thing",
    landing,
    targets: ["raw.`thing`"],
    relationOid: oid,
    membershipOid: 1,
    types: new Map(names.map((name, index) => [name, `${100 + index}/-1`])),
    shape: { file: "1", key: ["whole"], columns: {} },
    copiedLsn: 0n,
  };
  const batcher = new Batcher(() => undefined);
  const decoder = new Decoder({
    epoch,
    tables: new Map([["thing", table]]),
    look: new Look("1000:1000:"),
    history: new History(0n, undefined),
    batcher,
  });
  /** Each message lies between bytes that look like values, so that reading past its end would be seen. */
  const send = (...messages: Buffer[]) => {
    for (const message of messages) {
      const around = Buffer.from("t\0\0\0\x01xt\0\0\0\x01xt\0\0\0\x01xt\0\0\0\x01x");
      const buffer = Buffer.concat([around, message, around]);
      decoder.message(buffer, around.length, around.length + message.length);
    }
  };
  const lines = () => Buffer.concat([...batcher.current.lines.values()].map((part) => part.bytes())).toString();
  return { batcher, decoder, send, lines };
}

const lineOf = (samples: readonly Sample[], ordinal: number, deleted: 0 | 1) =>
  `${samples.map(({ line }) => line).join("\t")}\t${versionOf(epoch, commitLsn, ordinal)}\t${deleted}\n`;

test("G10: every value of every type comes out of the decoder as it went in, with the version of its place", () => {
  fc.assert(
    fc.property(row, row, row, (a, b, c) => {
      const { send, lines, batcher } = reader();
      send(begin, relationMessage, insert(a), update(b), moved(b, c), remove(c), commit);
      expect(lines()).toBe(
        lineOf(a, 1, 0) + lineOf(b, 3, 0) + lineOf(keyOnly(b), 4, 1) + lineOf(c, 5, 0) + lineOf(keyOnly(c), 6, 1),
      );
      expect(batcher.current.refused).toEqual([]);
      expect(batcher.current.commit?.end).toBe(commitLsn + 48n);
    }),
    { seed, numRuns: 300 },
  );
});

test("G11: a message that ends too early is an error and no row, wherever it is cut", () => {
  fc.assert(
    fc.property(row, row, (a, b) => {
      for (const message of [insert(b), update(b), moved(a, b), remove(b), relationMessage, begin, commit]) {
        for (let length = 1; length < message.length; length += 1 + (message.length >> 6)) {
          const { send, lines, decoder } = reader();
          send(begin, relationMessage, insert(a));
          const before = lines();
          expect(() => send(message.subarray(0, length))).toThrow(MalformedError);
          // A changed key is two rows; the first one is whole before the second one is read.
          if (message[0] !== 85) expect(lines()).toBe(before);
          expect(lines().startsWith(before)).toBe(true);
          expect(decoder.rowsDecoded).toBe(lines().split("\n").length - 1);
        }
      }
    }),
    { seed, numRuns: 15 },
  );
});

test("G11: a length that lies, a number of columns that lies, an unknown relation or kind is an error and no row", () => {
  const hostile = fc.oneof(
    fc.constantFrom(-1, -(2 ** 31), 2 ** 31 - 1, 0x7fff, 0xffff),
    fc.integer(),
    fc.integer({ min: 0, max: 40 }),
  );
  fc.assert(
    fc.property(row, fc.nat(), hostile, (samples, which, lie) => {
      const message = insert(samples);
      const fields: number[] = [];
      let at = 8;
      for (const { text: value } of samples) {
        at += 1;
        if (value === null) continue;
        fields.push(at);
        at += 4 + Buffer.byteLength(value);
      }
      const field = fields[which % fields.length] ?? 9;
      fc.pre(message.readInt32BE(field) !== (lie | 0));
      message.writeInt32BE(lie | 0, field);
      const { send, lines } = reader();
      send(begin, relationMessage);
      expect(() => send(message)).toThrow(MalformedError);
      expect(lines()).toBe("");
    }),
    { seed, numRuns: 500 },
  );
  fc.assert(
    fc.property(row, fc.integer({ min: 0, max: 0xffff }), (samples, count) => {
      fc.pre(count !== samples.length);
      const message = insert(samples);
      message.writeUInt16BE(count, 6);
      const { send, lines } = reader();
      send(begin, relationMessage);
      expect(() => send(message)).toThrow(MalformedError);
      expect(lines()).toBe("");
    }),
    { seed, numRuns: 100 },
  );
  const { send } = reader();
  send(begin, relationMessage);
  expect(() => send(Buffer.concat([Buffer.from("I"), uint32(1), Buffer.from("N\0\0")]))).toThrow(/never announced/);
  expect(() => send(Buffer.from("Z12345678"))).toThrow(/unknown kind/);
  expect(() => send(Buffer.concat([Buffer.from("T"), uint32(0xffffffff), Buffer.from("\0")]))).toThrow(MalformedError);
});

test("G11: random bytes end in an error or in nothing, never in a hang or a row", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.constantFrom(..."IUDTRBCSEcA"), (bytes, kind) => {
      const { send, lines } = reader();
      send(begin, relationMessage);
      const message = Buffer.concat([Buffer.from(kind), bytes]);
      try {
        send(message);
      } catch (error) {
        expect((error as Error).name).toMatch(/MalformedError|DriftError|RangeError/);
      }
      expect(lines()).toBe("");
    }),
    { seed, numRuns: 2_000 },
  );
});

test("G3: rows of a transaction that arrives in pieces are numbered inside each piece of each part of it, and go to a stage", () => {
  const inside = (xid: number, message: Buffer) =>
    Buffer.concat([message.subarray(0, 1), uint32(xid), message.subarray(1)]);
  const start = Buffer.concat([Buffer.from("S"), uint32(5000), Buffer.from([1])]);
  const end = Buffer.from("E");
  const ended = Buffer.alloc(30);
  ended.write("c");
  ended.writeUInt32BE(5000, 1);
  ended.writeBigUInt64BE(commitLsn, 6);
  ended.writeBigUInt64BE(commitLsn + 48n, 14);
  const samples = names.map((name) =>
    lists.has(name) ? { text: "{}", line: "[]" } : same(name === "whole" ? "1" : ""),
  );
  const plain = samples.map((sample, at) =>
    ["whole", "tags", "counts"].includes(names[at] ?? "") ? sample : { text: null, line: "\\N" },
  );
  const { send, lines, batcher } = reader();
  send(start, inside(5000, relationMessage), inside(5000, insert(plain)), inside(5001, insert(plain)), end);
  send(begin, relationMessage, insert(plain), commit);
  send(start, inside(5001, remove(plain)), end, ended);
  const line = plain.map(({ line }) => line).join("\t");
  const staged = (segment: bigint, ordinal: number) => String(versionOf(1, segment, ordinal));
  expect(lines().split("\n").slice(0, 4)).toEqual([
    `${line}\t${staged(0n, 1)}\t0`,
    `${line}\t${staged(1n, 1)}\t0`,
    `${plain.map(({ line: value }, at) => (names[at] === "whole" ? value : "\\N")).join("\t")}\t${staged(2n, 1)}\t1`,
    `${line}\t${versionOf(epoch, commitLsn, 1)}\t0`,
  ]);
  expect([...batcher.current.lines.keys()].map(({ stage }) => stage !== undefined)).toEqual([true, false]);
  expect(batcher.current.streamed).toEqual([
    expect.objectContaining({ lsn: commitLsn, pieces: [expect.objectContaining({ before: [0, 1, 2] })] }),
  ]);
  for (const length of [1, 5, 29]) expect(() => reader().send(ended.subarray(0, length))).toThrow(MalformedError);
  expect(() => reader().send(ended)).toThrow(/never begun/);
  expect(() => reader().send(start, begin)).toThrow(/inside a piece/);
});

test("G11: a list that does not end is set aside, not guessed", () => {
  for (const broken of ['{"a', '{"a\\', "{a", "a}", "{", '{"a\\"}']) {
    const { send, lines, batcher } = reader();
    const samples = names.map((name) =>
      name === "tags" ? { text: broken, line: "" } : name === "counts" ? same("{}") : same("1"),
    );
    const plain = samples.map((sample, index) =>
      ["whole", "tags", "counts"].includes(names[index] ?? "") ? sample : { text: null, line: "\\N" },
    );
    send(begin, relationMessage, insert(plain));
    expect(lines()).toBe("");
    expect(batcher.current.refused).toHaveLength(1);
  }
});
