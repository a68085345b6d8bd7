import { afterAll, beforeAll, expect, test } from "vitest";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({
    name: "everything",
    columns: `id int primary key, b bool, small smallint, whole int, big bigint, exact numeric(20,4), score numeric(8,2) not null default 0,
      day date, at timestamptz(3), code varchar(20), words text, data jsonb, uid uuid, tags text[] not null default '{}',
      people uuid[] not null default '{}', counts int[] not null default '{}'`,
  });
});
afterAll(() => world?.close());

const values: [what: string, columns: string, values: string][] = [
  ["all missing", "b", "null"],
  ["true", "b", "true"],
  ["false", "b", "false"],
  ["smallest numbers", "small, whole, big", "-32768, -2147483648, -9223372036854775808"],
  ["largest numbers", "small, whole, big", "32767, 2147483647, 9223372036854775807"],
  ["decimals", "exact, score", "-1234567890123456.7891, 999999.99"],
  ["trailing zeros", "exact, score", "1.2000, 100.00"],
  ["zero", "exact, score", "0.0000, -0.01"],
  ["oldest day", "day", "'1900-01-01'"],
  ["a founder's birthday", "day", "'1948-05-01'"],
  ["newest day", "day", "'2299-12-31'"],
  ["leap day", "day", "'2024-02-29'"],
  ["summer time in Shanghai", "at", "'1988-07-01 00:30:00.123+09'"],
  ["last millisecond of a day", "at", "'2026-12-31 23:59:59.999+08'"],
  ["instants before 1970", "at", "'1921-07-23 01:00:00+00'"],
  ["whole second", "at", "'2026-07-01 08:00:00+08'"],
  ["rare characters", "words, code", "'䶮𠮷㛃 👩‍👩‍👧‍👦 é', '𠮷'"],
  ["control characters", "words", "E'tab\\there\\nnew line\\r back\\\\slash \\\\N \\\\t quote'' \"double\" \\u0001'"],
  ["backslash N alone", "words", "E'\\\\N'"],
  ["carriage return at the end", "words", "E'end\\r'"],
  ["empty text", "words, code", "'', ''"],
  ["json null", "data", "'null'"],
  ["json", "data", `'{"名": "值\\n\\t", "n": [1, 2.50, null], "q": "\\"x\\""}'`],
  ["uuid", "uid", "'0199a3b4-0000-7000-8000-00000000000f'"],
  ["empty lists", "tags, people, counts", "'{}', '{}', '{}'"],
  [
    "lists",
    "tags, counts",
    `array['a', 'b c', 'it''s', E'back\\\\slash', E'tab\\t', E'line\\n', 'q"q', '', 'NULL', '{x,y}', '䶮𠮷'], array[1, -2, 2147483647]`,
  ],
  [
    "list of uuids",
    "people",
    "array['0199a3b4-0000-7000-8000-00000000000f', '00000000-0000-0000-0000-000000000000']::uuid[]",
  ],
];

async function insert(from: number): Promise<void> {
  for (const [index, [, columns, row]] of values.entries()) {
    await world.run(`insert into everything (id, ${columns}) values (${from + index}, ${row})`);
  }
}

test("G10: every type arrives exactly, by the first copy and by the log", async () => {
  await insert(0);
  const stream = world.startStream();
  await until("streaming", () => stream.status.state === "streaming");
  await insert(1000);
  await world.expectEqual();
  expect(stream.status.refused).toBe(0);
  const rows = await world.rows<Record<string, unknown>>("everything");
  expect(rows.length).toBe(values.length * 2);
  // Beside the hashes, some values as a person would write them, so that one wrong rule on both sides cannot hide.
  for (const from of [0, 1000]) {
    const row = (what: string) => rows.find((r) => r.id === from + values.findIndex(([name]) => name === what)) ?? {};
    expect(row("all missing")).toMatchObject({ b: null, whole: null, day: null, at: null, words: null, data: null });
    expect(row("a founder's birthday").day).toBe("1948-05-01");
    expect(row("summer time in Shanghai").at).toBe("1988-06-30 15:30:00.123");
    expect(row("instants before 1970").at).toBe("1921-07-23 01:00:00.000");
    expect(row("rare characters").words).toBe("䶮𠮷㛃 👩‍👩‍👧‍👦 é");
    expect(row("control characters").words).toBe('tab\there\nnew line\r back\\slash \\N \\t quote\' "double" \u0001');
    expect(row("backslash N alone").words).toBe("\\N");
    expect(row("json null").data).toBe("null");
    expect(row("largest numbers").big).toBe("9223372036854775807");
    expect(row("decimals").exact).toSatisfy((value) => String(value).startsWith("-1234567890123456.78"));
    expect(row("true").b).toBe(true);
    expect(row("lists").tags).toEqual([
      "a",
      "b c",
      "it's",
      "back\\slash",
      "tab\t",
      "line\n",
      'q"q',
      "",
      "NULL",
      "{x,y}",
      "䶮𠮷",
    ]);
    expect(row("lists").counts).toEqual([1, -2, 2147483647]);
  }
});
