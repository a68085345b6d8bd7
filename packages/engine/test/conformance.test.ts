import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, conformanceTarget, ok, type Target, until } from "./target.ts";

/* Runs against the embedded engine, or unchanged against a server: CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD. */

let target: Target;
let db: string;

beforeAll(async () => {
  target = await conformanceTarget();
  db = target.database;
});
afterAll(() => target.close());

const headers = () => ({ "X-ClickHouse-User": target.user, "X-ClickHouse-Key": target.password });
const run = (sql: string, params: Record<string, string> = {}) => ok(call(target, sql, params));

/** The answer as bytes, not decoded by fetch. */
async function raw(sql: string, params: Record<string, string>, extra: Record<string, string> = {}) {
  const { request } = await import("node:http");
  const url = new URL(`${target.url}/?${new URLSearchParams(params)}`);
  return new Promise<{ status: number; body: Buffer; headers: Record<string, string | string[] | undefined> }>(
    (resolve, reject) => {
      const sent = request(url, { method: "POST", headers: { ...headers(), ...extra } }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts), headers: response.headers }),
        );
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(sql);
    },
  );
}

describe("asking", () => {
  it("answers /ping and the root", async () => {
    for (const path of ["/ping", "/"]) {
      const response = await fetch(`${target.url}${path}`);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe("Ok.\n");
    }
  });

  it("takes the query from the URL, from the body, and from both together", async () => {
    const get = await fetch(`${target.url}/?query=${encodeURIComponent("SELECT 1")}`, { headers: headers() });
    expect(await get.text()).toBe("1\n");
    expect(await run("SELECT 2")).toBe("2\n");
    expect(await run(" + 3", { query: "SELECT 2" })).toBe("5\n");
    expect(await run("SELECT 4;")).toBe("4\n");
    expect(await run("  /* c */ SELECT 5 -- end")).toBe("5\n");
    expect(await run("(SELECT 6)")).toBe("6\n");
    expect(await run("WITH 7 AS x SELECT x")).toBe("7\n");
  });

  it("chooses the format: clause, then default_format, then TabSeparated", async () => {
    const plain = await call(target, "SELECT 1 AS a, 'x' AS b");
    expect(plain.text).toBe("1\tx\n");
    expect(plain.headers.get("x-clickhouse-format")).toBe("TabSeparated");
    expect(plain.headers.get("content-type")).toContain("text/tab-separated-values");
    const json = await call(target, "SELECT 1 AS a", { default_format: "JSONEachRow" });
    expect(json.text).toBe('{"a":1}\n');
    expect(json.headers.get("x-clickhouse-format")).toBe("JSONEachRow");
    const clause = await call(target, "SELECT 1 AS a FORMAT CSV", { default_format: "JSONEachRow" });
    expect(clause.text).toBe("1\n");
    expect(clause.headers.get("x-clickhouse-format")).toBe("CSV");
    expect(clause.headers.get("content-type")).toContain("text/csv");
    expect((await call(target, "SELECT 1 FORMAT NoSuchFormat")).text).toMatch(/^Code: 73\. .*UNKNOWN_FORMAT/s);
  });

  it.each(["JSON", "JSONCompact", "XML", "Pretty", "Vertical", "CSVWithNames", "Values", "Markdown", "JSONColumns"])(
    "writes frames once: %s",
    async (format) => {
      const text = await run(`SELECT number AS n FROM numbers(200000) FORMAT ${format}`, {
        output_format_pretty_max_rows: "10",
      });
      if (format === "JSON") expect(JSON.parse(text).rows).toBe(200_000);
      if (format === "JSONCompact") expect(JSON.parse(text).data.length).toBe(200_000);
      if (format === "CSVWithNames") expect(text.split("\n").filter((line) => line === '"n"').length).toBe(1);
      if (format === "JSONColumns") expect(JSON.parse(text).n.length).toBe(200_000);
      expect(text.length).toBeGreaterThan(10);
    },
  );

  it("answers the headers of a server", async () => {
    const { headers: got } = await call(target, "SELECT 1", { query_id: `id-${Date.now()}` });
    expect(got.get("x-clickhouse-query-id")).toMatch(/^id-/);
    expect(got.get("x-clickhouse-timezone")).toBeTruthy();
    expect(got.get("x-clickhouse-server-display-name")).toBeTruthy();
    const summary = JSON.parse(got.get("x-clickhouse-summary") ?? "{}");
    for (const key of ["read_rows", "read_bytes", "written_rows", "written_bytes", "result_rows", "elapsed_ns"]) {
      expect(summary[key], key).toMatch(/^\d+$/);
    }
    expect(
      (await call(target, "SELECT 1", { session_timezone: "Asia/Shanghai" })).headers.get("x-clickhouse-timezone"),
    ).toBe("Asia/Shanghai");
  });

  it("applies settings and the database of the URL", async () => {
    expect(await run("SELECT getSetting('max_threads')", { max_threads: "3" })).toBe("3\n");
    expect(await run("SELECT currentDatabase()", { database: db })).toBe(`${db}\n`);
    expect(
      await run(
        "SELECT 1 AS a SETTINGS max_threads = 2 FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0",
      ),
    ).toBe('{"a":1}\n');
    const unknown = await call(target, "SELECT 1", { no_such_setting: "1" });
    expect(unknown.status).toBe(404);
    expect(unknown.text).toMatch(/^Code: 115\. .*UNKNOWN_SETTING/s);
  });

  it("shows progress in headers when asked", async () => {
    const { headers: got } = await raw(
      "SELECT sleepEachRow(0.2) FROM numbers(3) SETTINGS max_block_size = 1 FORMAT Null",
      {
        send_progress_in_http_headers: "1",
        http_headers_progress_interval_ms: "50",
      },
    );
    const lines = [got["x-clickhouse-progress"] ?? []].flat().join("").length;
    expect(lines).toBeGreaterThan(0);
  });
});

describe("parameters", () => {
  it.each([
    ["{p:Int32} + 1", "41", "42"],
    ["{p:String}", "plain", "plain"],
    ["length({p:String})", "a\\tb", "3"],
    ["length({p:String})", "a\\\\b", "3"],
    ["{p:String} = 'it''s'", "it's", "1"],
    ["{p:String} = 'a\\nb'", "a\\nb", "1"],
    ["isNull({p:Nullable(String)})", "\\N", "1"],
    ["{p:Array(String)}", "['a','b\\'c','d,e']", "['a','b\\'c','d,e']"],
    ["{p:Array(UInt8)}", "[1,2,3]", "[1,2,3]"],
    ["{p:Tuple(String, Int8)}", "('x',-1)", "('x',-1)"],
    ["{p:Map(String, Array(String))}", "{'k':['v1','v2']}", "{'k':['v1','v2']}"],
    ["{p:DateTime64(3)}", "2022-05-02 13:25:55.789", "2022-05-02 13:25:55.789"],
    ["{p:Bool}", "true", "true"],
    ["{p:Decimal(10, 2)}", "1.25", "1.25"],
    ["{p:String}", "党员发展 😀", "党员发展 😀"],
    ["{p:String} || '; DROP TABLE x --'", "'; x", "\\'; x; DROP TABLE x --"],
  ])("%s of %s", async (expression, value, expected) => {
    expect(await run(`SELECT ${expression}`, { param_p: value })).toBe(`${expected}\n`);
  });

  it("name tables and columns", async () => {
    expect(
      await run("SELECT {c:Identifier} FROM {d:Identifier}.{t:Identifier}", {
        param_c: "dummy",
        param_d: "system",
        param_t: "one",
      }),
    ).toBe("0\n");
  });

  it("that are missing or wrong are told", async () => {
    expect((await call(target, "SELECT {p:Int32}")).text).toMatch(/^Code: 456\. .*UNKNOWN_QUERY_PARAMETER/s);
    expect((await call(target, "SELECT {p:Int32}", { param_p: "x" })).text).toMatch(
      /^Code: 457\. .*BAD_QUERY_PARAMETER/s,
    );
  });

  it("come in a multipart body, with the query", async () => {
    const form = new FormData();
    form.append("query", "SELECT {a:Array(String)} AS a, {b:String} AS b");
    form.append("param_a", "['x','y']");
    form.append("param_b", "b".repeat(100_000));
    const response = await fetch(`${target.url}/?default_format=JSONEachRow`, {
      method: "POST",
      body: form,
      headers: headers(),
    });
    expect(await response.json()).toEqual({ a: ["x", "y"], b: "b".repeat(100_000) });
  });

  it("work in inserts", async () => {
    await run(`CREATE TABLE ${db}.params (a Int32, b String) ENGINE = Memory`);
    await run(`INSERT INTO ${db}.params SELECT {a:Int32}, {b:String}`, { param_a: "7", param_b: "x'y" });
    expect(await run(`SELECT * FROM ${db}.params`)).toBe("7\tx\\'y\n");
  });
});

describe("errors", () => {
  it.each([
    ["SELEC 1", 400, 62, "SYNTAX_ERROR"],
    ["SELECT FROM WHERE", 400, 62, "SYNTAX_ERROR"],
    ["SELECT (1", 400, 62, "SYNTAX_ERROR"],
    ["SELECT 'unclosed", 400, 62, "SYNTAX_ERROR"],
    ["SELECT 1; SELECT 2", 400, 62, "SYNTAX_ERROR"],
    ["SELECT no_such_column", 404, 47, "UNKNOWN_IDENTIFIER"],
    ["SELECT noSuchFunction(1)", 404, 46, "UNKNOWN_FUNCTION"],
    ["SELECT * FROM DB.no_such_table", 404, 60, "UNKNOWN_TABLE"],
    ["SELECT toInt32('x')", 400, 6, "CANNOT_PARSE_TEXT"],
    ["SELECT throwIf(1, 'boom')", 500, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"],
    ["INSERT INTO DB.no_such_table VALUES (1)", 404, 60, "UNKNOWN_TABLE"],
    ["DROP TABLE DB.no_such_table", 404, 60, "UNKNOWN_TABLE"],
    ["SELECT 1 SETTINGS no_such_setting = 1", 404, 115, "UNKNOWN_SETTING"],
    ["CREATE TABLE DB.broken (a NoSuchType) ENGINE = Memory", 404, 50, "UNKNOWN_TYPE"],
  ])("%s", async (sql, status, code, type) => {
    const result = await call(target, sql.replace("DB.", `${db}.`));
    expect(result.text).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: .*\\(${type}\\) \\(version [\\d.]+.*\\)\\n?$`, "s"),
    );
    expect(result.status).toBe(status);
    expect(result.headers.get("x-clickhouse-exception-code")).toBe(String(code));
    expect(result.text).not.toMatch(/INFILE|OUTFILE|_input_|\/endpoint\//);
  });

  it("show the place in the user's own text", async () => {
    const { text } = await call(target, "SELECT 1 +");
    expect(text).toMatch(/failed at position 1[01] \(end of query\)/);
    expect((await call(target, "SELECT 1 FROM numbers(1) WHERE")).text).toContain("Syntax error");
  });

  it("of an unknown database are 81", async () => {
    const result = await call(target, "SELECT 1", { database: "no_such_database_here" });
    expect([result.status, result.headers.get("x-clickhouse-exception-code")]).toEqual([404, "81"]);
  });

  it("of a wrong password are 516", async () => {
    const result = await call({ ...target, password: "wrong" }, "SELECT 1");
    expect([result.status, result.headers.get("x-clickhouse-exception-code")]).toEqual([403, "516"]);
    expect(result.text).toContain("AUTHENTICATION_FAILED");
  });

  it("of time are 159, of a write by GET 164, of a concurrent session 373", async () => {
    const late = await call(
      target,
      "SELECT sleepEachRow(0.1) FROM numbers(100) SETTINGS max_block_size = 1 FORMAT Null",
      { max_execution_time: "0.3" },
    );
    expect([late.status, late.headers.get("x-clickhouse-exception-code")]).toEqual([408, "159"]);
    const get = await fetch(
      `${target.url}/?query=${encodeURIComponent(`CREATE TABLE ${db}.g (a Int8) ENGINE = Memory`)}`,
      { headers: headers() },
    );
    expect([get.status, get.headers.get("x-clickhouse-exception-code")]).toEqual([500, "164"]);
    const session_id = `busy-${Date.now()}`;
    const long = run("SELECT sleep(1)", { session_id });
    await until(
      async () => (await call(target, "SELECT 1", { session_id })).headers.get("x-clickhouse-exception-code") === "373",
    );
    expect(await long).toBe("0\n");
  });

  it("come late behind a tag, or early when the end is waited for", async () => {
    const sql = "SELECT number, throwIf(number = 3000000, 'boom') FROM numbers(4000000)";
    const late = await call(target, sql);
    expect(late.status).toBe(200);
    const tag = late.headers.get("x-clickhouse-exception-tag");
    expect(tag).toBeTruthy();
    const end = late.text.slice(-2_000);
    const match = new RegExp(
      `\\r\\n__exception__\\r\\n${tag}\\r\\n(.*)\\n(\\d+) ${tag}\\r\\n__exception__\\r\\n$`,
      "s",
    ).exec(end);
    expect(match?.[1]).toMatch(/^Code: 395\. DB::Exception: boom/);
    expect(Number(match?.[2])).toBe(Buffer.byteLength(`${match?.[1]}\n`));
    const early = await call(target, sql, { wait_end_of_query: "1" });
    expect(early.status).toBe(500);
    expect(early.text).toMatch(/^Code: 395\. DB::Exception: boom/);
  });
});

describe("compression", () => {
  const decoders: Record<string, (body: Buffer) => Buffer> = {
    gzip: gunzipSync,
    deflate: inflateSync,
    br: brotliDecompressSync,
    zstd: zstdDecompressSync,
  };

  it.each(Object.keys(decoders))("of answers, errors too, when it is enabled: %s", async (encoding) => {
    const decode = decoders[encoding] ?? ((body: Buffer) => body);
    const accept = { "accept-encoding": encoding };
    const answer = await raw("SELECT number FROM numbers(100000)", { enable_http_compression: "1" }, accept);
    expect(answer.headers["content-encoding"]).toBe(encoding);
    expect(decode(answer.body).toString().split("\n").length).toBe(100_001);
    const error = await raw("SELECT nothing_here", { enable_http_compression: "1" }, accept);
    expect(error.status).toBe(404);
    const text = error.headers["content-encoding"] ? decode(error.body).toString() : error.body.toString();
    expect(text).toMatch(/^Code: 47\./);
    const plain = await raw("SELECT 1", {}, accept);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body.toString()).toBe("1\n");
  });

  /** An LZ4 frame that stores its data, and one made by the reference program out of "lz4 lz4 lz4 …". */
  const stored = (data: Buffer) => {
    const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(data.length + 0x80000000);
    return Buffer.concat([head, size, data, Buffer.alloc(4)]);
  };

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
    ["lz4", stored],
  ])("of requests: %s", async (encoding, encode) => {
    const table = `${db}.compressed_${encoding}`;
    await run(`CREATE TABLE ${table} (a UInt32) ENGINE = Memory`);
    const body = encode(Buffer.from(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join("")));
    const extra = { "content-encoding": encoding };
    await ok(call(target, new Uint8Array(body), { query: `INSERT INTO ${table} FORMAT TSV` }, { headers: extra }));
    expect(await run(`SELECT count(), sum(a) FROM ${table}`)).toBe("1000\t499500\n");
    const whole = encode(Buffer.from(`SELECT count() FROM ${table}`));
    expect(await ok(call(target, new Uint8Array(whole), {}, { headers: extra }))).toBe("1000\n");
  });

  it("of an unknown kind is refused", async () => {
    expect(
      (await call(target, "SELECT 1", {}, { headers: { "content-encoding": "nonsense" } })).status,
    ).toBeGreaterThanOrEqual(400);
  });
});

describe("inserting", () => {
  const columns =
    "a Int32, b String, c Array(Nullable(Float64)), d LowCardinality(String), e DateTime64(3, 'UTC'), f Map(String, UInt8)";
  const rows = `(1, 'it''s; x', [1.5, NULL], 'low', '2026-01-02 03:04:05.678', {'k': 1}), (-2, '中文\\n', [], '', '1970-01-01 00:00:00.000', {})`;

  it.each([
    "TSV",
    "TSVWithNames",
    "TSVWithNamesAndTypes",
    "CSV",
    "CSVWithNames",
    "JSONEachRow",
    "JSONCompactEachRow",
    "JSONCompactEachRowWithNamesAndTypes",
    "JSON",
    "JSONColumns",
    "JSONObjectEachRow",
    "Values",
    "RowBinary",
    "RowBinaryWithNames",
    "RowBinaryWithNamesAndTypes",
    "Native",
    "Parquet",
    "Arrow",
    "ArrowStream",
    "ORC",
    "MsgPack",
    "BSONEachRow",
  ])("gives back what it was given: %s", async (format) => {
    const name = format.toLowerCase();
    const types = ["ORC", "Parquet", "Arrow", "ArrowStream", "MsgPack", "BSONEachRow"].includes(format)
      ? "a Int32, b String, c Array(Float64)"
      : columns;
    const given = types === columns ? rows : "(1, 'it''s; x', [1.5]), (-2, '中文\\n', [])";
    await run(`CREATE TABLE ${db}.from_${name} (${types}) ENGINE = MergeTree ORDER BY a`);
    await run(`CREATE TABLE ${db}.to_${name} (${types}) ENGINE = MergeTree ORDER BY a`);
    await run(`INSERT INTO ${db}.from_${name} VALUES ${given}`);
    const { body } = await raw(`SELECT * FROM ${db}.from_${name} ORDER BY a FORMAT ${format}`, {});
    const result = await call(target, new Uint8Array(body), { query: `INSERT INTO ${db}.to_${name} FORMAT ${format}` });
    expect(result.status, result.text).toBe(200);
    expect(JSON.parse(result.headers.get("x-clickhouse-summary") ?? "{}").written_rows).toBe("2");
    const both = await Promise.all(
      ["from", "to"].map((side) => run(`SELECT * FROM ${db}.${side}_${name} ORDER BY a FORMAT JSONEachRow`)),
    );
    expect(both[1]).toBe(both[0]);
  });

  it("takes rows in the ways of a server", async () => {
    const table = `${db}.ways`;
    await run(
      `CREATE TABLE ${table} (a Int32, b String DEFAULT 'd', c Int32 MATERIALIZED a * 2, t DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY a`,
    );
    await run(`INSERT INTO ${table} (a, b) VALUES (1, 'x;y'), (1 + 1, concat('a', 'b'))`);
    await run(`INSERT INTO ${table} (a, b) VALUES (3, 'semicolon');`);
    await run(`INSERT INTO ${table} (a) FORMAT JSONEachRow {"a":4}\n{"a":5}`);
    await run(`INSERT INTO ${table} (a, b) SETTINGS max_threads = 1 FORMAT CSV\n6,"six"\r\n7,"se""ven"\r\n`);
    await run("(8, 'eight')", { query: `INSERT INTO ${table} (a, b) VALUES` });
    await run("9\tnine\n", { query: `INSERT INTO ${table} (a, b) FORMAT TabSeparated` });
    await run(`insert into ${table} (a, b) select number, 'sel' from numbers(10, 2)`);
    await run(
      `INSERT INTO ${table} (a, b) SELECT x + 12, y FROM input('x Int32, y String') FORMAT TSV\n0\tin\n1\tput\n`,
    );
    await run(`INSERT INTO TABLE ${table} (* EXCEPT(t, b)) VALUES (14)`);
    expect(await run(`SELECT a, b, c FROM ${table} ORDER BY a FORMAT CSV`)).toBe(
      [
        '1,"x;y",2',
        '2,"ab",4',
        '3,"semicolon",6',
        '4,"d",8',
        '5,"d",10',
        '6,"six",12',
        '7,"se""ven",14',
        '8,"eight",16',
        '9,"nine",18',
        '10,"sel",20',
        '11,"sel",22',
        '12,"in",24',
        '13,"put",26',
        '14,"d",28',
        "",
      ].join("\n"),
    );
  });

  it("of nothing is a success, into a table that is there", async () => {
    await run(`CREATE TABLE ${db}.nothing (a Int32) ENGINE = MergeTree ORDER BY a`);
    for (const format of ["TSV", "JSONEachRow", "CSV", "RowBinary", "Native", "Values"]) {
      const result = await call(target, "", { query: `INSERT INTO ${db}.nothing FORMAT ${format}` });
      expect(result.status, `${format}: ${result.text}`).toBe(200);
      expect(JSON.parse(result.headers.get("x-clickhouse-summary") ?? "{}").written_rows).toBe("0");
    }
    expect((await call(target, "", { query: `INSERT INTO ${db}.no_such FORMAT TSV` })).status).toBe(404);
  });

  it.each([
    ["JSONEachRow", '{"a":1}\n{"a":"x"}\n{"a":3}'],
    ["TSV", "1\nx\n3\n"],
    ["CSV", "1\n2\nx\n"],
    ["Values", "(1), ('x'), (3)"],
  ])("refuses the whole insert for one bad row: %s", async (format, body) => {
    const table = `${db}.bad_${format.toLowerCase()}`;
    await run(`CREATE TABLE ${table} (a Int32) ENGINE = MergeTree ORDER BY a`);
    const result = await call(target, body, { query: `INSERT INTO ${table} FORMAT ${format}` });
    expect(result.status).toBe(400);
    expect(result.text).toMatch(/^Code: (6|27|53|117)\. DB::Exception: /);
    expect(result.text).not.toMatch(/INFILE|\/tmp\/|endpoint|was parsed from file/);
    expect(await run(`SELECT count() FROM ${table}`)).toBe("0\n");
  });

  it("counts written rows of INSERT … SELECT and through materialized views", async () => {
    await run(`CREATE TABLE ${db}.counted (a UInt64) ENGINE = MergeTree ORDER BY a`);
    const { headers: got } = await call(target, `INSERT INTO ${db}.counted SELECT number FROM numbers(1234)`);
    expect(JSON.parse(got.get("x-clickhouse-summary") ?? "{}").written_rows).toBe("1234");
  });
});

describe("statements of the warehouse", () => {
  it("exchange tables and refresh views", async () => {
    await run(`CREATE TABLE ${db}.one ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a`);
    await run(`CREATE TABLE ${db}.two ENGINE = MergeTree ORDER BY a AS SELECT 2 AS a`);
    await run(`EXCHANGE TABLES ${db}.one AND ${db}.two`);
    expect(await run(`SELECT * FROM ${db}.one`)).toBe("2\n");
    await run(`CREATE OR REPLACE TABLE ${db}.one ENGINE = MergeTree ORDER BY a AS SELECT 3 AS a`);
    await run(
      `CREATE MATERIALIZED VIEW ${db}.refreshed REFRESH EVERY 1 HOUR ENGINE = MergeTree ORDER BY a AS SELECT a FROM ${db}.one`,
    );
    await run(`SYSTEM WAIT VIEW ${db}.refreshed`);
    expect(await run(`SELECT * FROM ${db}.refreshed`)).toBe("3\n");
    await run(`INSERT INTO ${db}.one VALUES (4)`);
    await run(`SYSTEM REFRESH VIEW ${db}.refreshed`);
    await run(`SYSTEM WAIT VIEW ${db}.refreshed`);
    expect(await run(`SELECT count() FROM ${db}.refreshed`)).toBe("2\n");
  });

  it("replace, merge and delete rows", async () => {
    await run(
      `CREATE TABLE ${db}.versions (k UInt8, v UInt128, deleted UInt8) ENGINE = ReplacingMergeTree(v, deleted) ORDER BY k`,
    );
    await run(`INSERT INTO ${db}.versions VALUES (1, 1, 0), (2, 1, 0), (1, 2, 0), (2, 2, 1)`);
    expect(await run(`SELECT k, v FROM ${db}.versions FINAL`)).toBe("1\t2\n");
    await run(`OPTIMIZE TABLE ${db}.versions FINAL`);
    await run(`ALTER TABLE ${db}.versions ADD COLUMN n String DEFAULT 'new'`);
    expect(await run(`SELECT n FROM ${db}.versions FINAL`)).toBe("new\n");
    await run(`DELETE FROM ${db}.versions WHERE k = 1`);
    expect(await run(`SELECT count() FROM ${db}.versions FINAL`)).toBe("0\n");
    await run(`TRUNCATE TABLE ${db}.versions`);
    expect(await run(`EXISTS TABLE ${db}.versions`)).toBe("1\n");
    expect(await run(`SHOW TABLES FROM ${db} LIKE 'versions'`)).toBe("versions\n");
    expect(await run(`DESCRIBE TABLE ${db}.versions FORMAT TSV`)).toContain("UInt128");
  });

  it("do not collect inserts unasked: async_insert is off", async () => {
    expect(await run("SELECT getSetting('async_insert')")).toBe(
      target.embedded ? "false\n" : expect.stringMatching(/true|false/),
    );
  });
});
