import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, call, ok, platformEngine } from "./target.ts";

/*
 * Every try below is judged by its effect: the secret of a file on this machine must not come back, nothing may be
 * written outside, and rights must be as given. A refusal alone is not enough, and neither is a wrong syntax: each try
 * is a shape that the bare engine accepts or once accepted.
 */

const folder = mkdtempSync(join(tmpdir(), "xf-engine-secret-"));
const secretFile = join(folder, "secret.txt");
const secret = "the-secret-of-this-machine";
const outFile = join(folder, "written.txt");

let running: Awaited<ReturnType<typeof platformEngine>>;
let landing: Caller;
let dbt: Caller;
let cube: Caller;
let seal: Caller;
let all: Caller[];

beforeAll(async () => {
  writeFileSync(secretFile, `${secret}\n`);
  running = await platformEngine();
  [landing, dbt, cube, seal] = ["landing", "dbt", "cube", "seal"].map(running.as) as [Caller, Caller, Caller, Caller];
  all = [landing, dbt, cube, seal];
  await ok(call(landing, "CREATE TABLE raw.t (a Int32, b String) ENGINE = MergeTree ORDER BY a"));
  await ok(call(landing, "INSERT INTO raw.t VALUES (1, 'raw row')"));
  await ok(call(dbt, "CREATE TABLE marts.m ENGINE = MergeTree ORDER BY a AS SELECT a, 'mart row' AS b FROM raw.t"));
  await ok(call(dbt, "CREATE TABLE intermediate.i ENGINE = MergeTree ORDER BY a AS SELECT * FROM raw.t"));
  await ok(call(dbt, "CREATE VIEW staging.v AS SELECT * FROM raw.t"));
});

afterAll(async () => {
  await running.engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** No try may bring the secret back, write outside or bring the engine down. */
async function holds(caller: Caller, sql: string, params: Record<string, string> = {}) {
  const result = await call(caller, sql, params);
  expect(result.text, `${caller.user}: ${sql}`).not.toContain(secret);
  expect(readdirSync(folder), `${caller.user}: ${sql}`).toEqual(["secret.txt"]);
  return result;
}

async function refused(caller: Caller, sql: string, params: Record<string, string> = {}) {
  const result = await holds(caller, sql, params);
  expect(result.status, `${caller.user}: ${sql} => ${result.text}`).not.toBe(200);
  return result;
}

describe("files of this machine", () => {
  const path = secretFile;
  const quotedFile = "f\\x69le";
  const reads = [
    `SELECT file('${path}')`,
    `SELECT file  ( '${path}' )`,
    `SELECT file/* c */('${path}')`,
    `SELECT file -- c\n('${path}')`,
    `SELECT \`file\`('${path}')`,
    `SELECT "file"('${path}')`,
    `SELECT “file”('${path}')`,
    `SELECT "${quotedFile}"('${path}')`,
    `SELECT "fi\\Nle"('${path}')`,
    `SELECT \`fi\\Nle\`('${path}')`,
    `SELECT arrayMap(file, ['${path}'])`,
    `SELECT arrayMap((file), ['${path}'])`,
    `SELECT arrayMap(\`file\`, ['${path}'])`,
    `SELECT arrayMap(file AS f, ['${path}'])`,
    `SELECT arrayMap(x -> file(x), ['${path}'])`,
    `WITH (x -> file(x)) AS g SELECT g('${path}')`,
    `SELECT * APPLY(file) FROM (SELECT '${path}' AS a)`,
    `SELECT * APPLY file FROM (SELECT '${path}' AS a)`,
    `SELECT COLUMNS('a') APPLY(file) FROM (SELECT '${path}' AS a)`,
    `SELECT * FROM file('${path}', 'LineAsString')`,
    `SELECT * FROM FILE('${path}', 'LineAsString')`,
    `SELECT * FROM \`file\`('${path}', 'LineAsString')`,
    `SELECT * FROM (SELECT * FROM file('${path}', 'LineAsString'))`,
    `SELECT * FROM view(SELECT * FROM file('${path}', 'LineAsString'))`,
    `SELECT * FROM numbers(1) WHERE (SELECT file('${path}')) = 'x'`,
    `SELECT throwIf(1, (SELECT any(line) FROM file('${path}', 'LineAsString', 'line String')))`,
    `SELECT * FROM fileCluster('default', '${path}', 'LineAsString')`,
    `SELECT * FROM filesystem('${folder}')`,
    `SELECT * FROM '${path}'`,
    `SELECT * FROM \`${path}\``,
    `SELECT * FROM default.\`${path}\``,
    `SELECT * FROM \`default\`.\`${path}\``,
    `DESCRIBE TABLE file('${path}', 'LineAsString')`,
    `DESCRIBE file('${path}')`,
    `EXPLAIN SELECT * FROM file('${path}', 'LineAsString')`,
    `SELECT * FROM sqlite('${path}', 't')`,
    `SELECT * FROM format(Values, 'a String', '(file(\\'${path}\\'))')`,
    `SELECT * FROM format(JSONEachRow, 'a String, b String DEFAULT file(\\'${path}\\')', '{"a":"x"}')`,
    `SELECT b FROM values('a String, b String ALIAS file(\\'${path}\\')', ('x'))`,
    `SELECT b FROM VALUES('a String, b String ALIAS file(\\'${path}\\')', ('x'))`,
    `SELECT b FROM values(('a String, b String ALIAS file(\\'${path}\\')'), ('x'))`,
    `SELECT b FROM values(concat('a String, b String ALIAS fi', 'le(\\'${path}\\')'), ('x'))`,
    `SELECT b FROM values(x'${Buffer.from(`a String, b String ALIAS file('${path}')`).toString("hex")}', ('x'))`,
    `SELECT b FROM values($$a String, b String ALIAS file('${path}')$$, ('x'))`,
    `SELECT b FROM values(['a String, b String ALIAS file(\\'${path}\\')'][1], ('x'))`,
    `SELECT b FROM generateRandom('a String, b String ALIAS file(\\'${path}\\')') LIMIT 1`,
    `SELECT 1 SETTINGS additional_result_filter = 'throwIf(1, file(\\'${path}\\'))'`,
    `SELECT * FROM numbers(1) SETTINGS additional_table_filters = {'numbers': 'throwIf(1, file(\\'${path}\\'))'}`,
    `SELECT 1 FORMAT Template SETTINGS format_template_resultset = '${path}'`,
    `SELECT 1 FORMAT Template SETTINGS format_template_row = '${path}'`,
    `SELECT 1 SETTINGS format_template_resultset = '${path}' FORMAT Template`,
    `SELECT 1 FORMAT Protobuf SETTINGS format_schema = '${path}:M'`,
    `SELECT * FROM eval('SELECT file(\\'${path}\\')') SETTINGS allow_experimental_eval_table_function = 1`,
    `SELECT catboostEvaluate('${path}', 1)`,
    `SELECT 1; SELECT file('${path}')`,
    `SELECT 1 /* ' */; SELECT file('${path}') /* ' */`,
    `SELECT '\\'; SELECT file('${path}') -- '`,
    `SELECT $a b$ ; SELECT file('${path}') -- $a b$`,
    `SELECT $a$ ; SELECT file('${path}') -- $A$`,
    `SELECT 1 -- \n ; SELECT file('${path}')`,
    `SELECT 1 # \n ; SELECT file('${path}')`,
    `SELECT 1 FORMAT TSV; SELECT file('${path}')`,
  ];

  it.each(reads)("stay unread: %s", async (sql) => {
    for (const caller of all) await refused(caller, sql);
  });

  it.each([
    ["additional_result_filter", `throwIf(1, file('${path}'))`],
    ["additional_table_filters", `{'numbers': 'throwIf(1, file(\\'${path}\\'))'}`],
    ["additional_table_filters", `{'numbers': 'throwIf(1, arrayMap(file, [\\'${path}\\'])[1])'}`],
    ["format_template_resultset", path],
    ["format_schema", `${path}:M`],
    ["dialect", "kusto"],
  ])("stay unread through the setting %s of the URL", async (name, value) => {
    for (const caller of all) {
      await holds(caller, "SELECT * FROM numbers(1) FORMAT Template", { [name]: value });
      await holds(caller, "SELECT * FROM numbers(1)", { [name]: value });
      await holds(caller, "SELECT 1", { [name]: value, session_id: `s-${name}` });
    }
  });

  it("stay unread through query parameters", async () => {
    for (const caller of all) {
      await refused(caller, "SELECT {f:Identifier}('x')", { param_f: "file" });
      await refused(caller, "SELECT * APPLY {f:Identifier}", { param_f: "file" });
      await refused(caller, "SELECT * FROM {t:Identifier}", { param_t: path, database: "default" });
      await refused(caller, "SELECT * FROM values({s:String}, ('x'))", {
        param_s: `a String, b String ALIAS file('${path}')`,
      });
    }
  });

  it("stay unread through the data of an insert", async () => {
    await ok(call(landing, "CREATE TABLE raw.sink (a String) ENGINE = MergeTree ORDER BY a"));
    for (const data of [
      `(file('${path}'))`,
      `(file ('${path}'))`,
      `(\`file\`('${path}'))`,
      `("fi\\Nle"('${path}'))`,
      `(arrayMap(file, ['${path}'])[1])`,
      `((SELECT file('${path}')))`,
      `(concat('x', file('${path}')))`,
      `('a'), (file('${path}'))`,
      `(now()), ((SELECT any(b) FROM values('a String, b String ALIAS file(\\'${path}\\')', ('x'))))`,
    ]) {
      await holds(landing, `INSERT INTO raw.sink VALUES ${data}`);
      await holds(landing, data, { query: "INSERT INTO raw.sink FORMAT Values" });
      await holds(landing, `INSERT INTO raw.sink SELECT * FROM input('a String') FORMAT Values ${data}`);
      await refused(
        landing,
        `INSERT INTO raw.sink SETTINGS input_format_values_interpret_expressions = 1 VALUES ${data}`,
      );
    }
    await refused(
      landing,
      `INSERT INTO raw.sink SELECT a FROM input('a String DEFAULT file(\\'${path}\\')') FORMAT JSONEachRow {}`,
    );
    await refused(
      landing,
      `INSERT INTO raw.sink SELECT a FROM input('a String) ENGINE = Memory AS SELECT file(\\'${path}\\') --') FORMAT JSONEachRow {}`,
    );
    await holds(landing, `INSERT INTO raw.sink FROM INFILE '${path}' FORMAT LineAsString`);
    await holds(landing, `INSERT INTO raw.sink SELECT * FROM file('${path}', 'LineAsString')`);
    await holds(landing, `INSERT INTO raw.sink SELECT file('${path}')`);
    await holds(landing, `INSERT INTO raw.sink WITH file('${path}') AS x SELECT x`);
    expect(await ok(call(landing, "SELECT * FROM raw.sink"))).not.toContain(secret);
  });

  it("stay unread through tables and views made for it", async () => {
    const tries = [
      `CREATE TABLE DB.x (a String) ENGINE = File(LineAsString, '${path}')`,
      `CREATE TABLE DB.x (a String DEFAULT file('${path}')) ENGINE = Memory`,
      `CREATE TABLE DB.x (a String ALIAS arrayMap(file AS f, ['${path}'])[1]) ENGINE = Memory`,
      `CREATE TABLE DB.x (a String) ENGINE = MergeTree PARTITION BY arrayMap(file AS f, ['${path}']) ORDER BY a`,
      `CREATE VIEW DB.x AS SELECT file('${path}') AS a`,
      `CREATE VIEW DB.x DEFINER = default SQL SECURITY DEFINER AS SELECT * FROM '${path}'`,
      `CREATE VIEW DB.x DEFINER = default SQL SECURITY DEFINER AS SELECT * FROM default.\`${path}\``,
      `CREATE VIEW DB.x SQL SECURITY NONE AS SELECT * FROM '${path}'`,
      `CREATE TABLE DB.x AS values('a String, b String ALIAS file(\\'${path}\\')', ('x'))`,
      `CREATE TABLE DB.x ENGINE = Memory AS SELECT * FROM file('${path}', 'LineAsString')`,
      `CREATE TABLE DB.x AS file('${path}', 'LineAsString')`,
      `CREATE TEMPORARY TABLE x (a String) ENGINE = File(LineAsString, '${path}')`,
      `CREATE TABLE DB.x (a String) ENGINE = EmbeddedRocksDB(0, '${folder}/rocks') PRIMARY KEY a`,
      `CREATE TABLE DB.x (a String) ENGINE = SQLite('${path}', 't')`,
      `CREATE TABLE DB.x (a String) ENGINE = Executable('cat', LineAsString)`,
      `CREATE TABLE DB.x (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '${folder}/disk/')`,
      `CREATE TABLE DB.x (a String) ENGINE MergeTree ORDER BY a SETTINGS disk = \`disk\`(type = 'local', path = '${folder}/disk/')`,
      `CREATE DICTIONARY DB.x (a String) PRIMARY KEY a SOURCE(FILE(path '${path}' format 'LineAsString')) LAYOUT(FLAT()) LIFETIME(0)`,
      `CREATE DATABASE dbt_files ENGINE = Filesystem('${folder}')`,
      `CREATE DATABASE dbt_files ENGINE = Overlay('default')`,
      `CREATE DATABASE dbt_files ENGINE = SQLite('${path}')`,
      `ATTACH TABLE DB.x FROM '${folder}' (a String) ENGINE = MergeTree ORDER BY a`,
      `ATTACH TABLE DB.x (a String) ENGINE = File(LineAsString, '${path}')`,
      `CREATE FUNCTION readit AS x -> file(x)`,
      `CREATE NAMED COLLECTION c AS url = 'file:///${path}'`,
    ];
    for (const caller of all) {
      const database = caller === landing ? "raw" : "staging";
      for (const sql of tries) {
        await holds(caller, sql.replaceAll("DB.", `${database}.`));
        await holds(caller, `SELECT * FROM ${database}.x`);
        await call(caller, `DROP TABLE IF EXISTS ${database}.x`);
      }
    }
    expect(readdirSync(folder)).toEqual(["secret.txt"]);
  });

  it("are never written", async () => {
    const writes = [
      `SELECT 1 INTO OUTFILE '${outFile}'`,
      `SELECT 1 INTO/**/OUTFILE '${outFile}' FORMAT CSV`,
      `SELECT 1 INTO OUTFILE '${outFile}' AND STDOUT`,
      `SELECT 1 INTO OUTFILE '${outFile}' TRUNCATE`,
      `SHOW TABLES INTO OUTFILE '${outFile}'`,
      `DESCRIBE TABLE system.one INTO OUTFILE '${outFile}'`,
      `EXPLAIN SELECT 1 INTO OUTFILE '${outFile}'`,
      `INSERT INTO FUNCTION file('${outFile}', 'TSV', 'a String') SELECT 'x'`,
      `INSERT INTO TABLE FUNCTION file('${outFile}', 'TSV', 'a String') SELECT 'x'`,
      `INSERT INTO FUNCTION file('${outFile}', 'TSV', 'a String') FORMAT TSV x`,
      `BACKUP TABLE raw.t TO File('${outFile}')`,
      `BACKUP DATABASE marts TO Disk('default', 'x')`,
      `SELECT 1 FORMAT CapnProto SETTINGS output_format_schema = '${outFile}'`,
      `SELECT 1 FORMAT Protobuf SETTINGS format_schema_source = 'string', output_format_schema = '${outFile}'`,
      `SELECT * FROM executable('touch ${outFile}', 'TSV', 'a String')`,
      `SELECT * FROM url('file://${outFile}', 'TSV', 'a String')`,
    ];
    for (const caller of all) for (const sql of writes) await refused(caller, sql);
    expect(existsSync(outFile)).toBe(false);
  });
});

describe("other machines", () => {
  it("are never called", async () => {
    const port = new URL(running.engine.url).port;
    const here = `127.0.0.1:${port}`;
    const before = await ok(call(landing, "SELECT 1"));
    expect(before).toBe("1\n");
    const tries = [
      `SELECT * FROM url('http://${here}/ping', 'LineAsString')`,
      `SELECT * FROM URL('http://${here}/ping', 'LineAsString')`,
      `SELECT * FROM urlCluster('default', 'http://${here}/ping', 'LineAsString')`,
      `SELECT * FROM s3('http://${here}/b/k', 'LineAsString')`,
      `SELECT * FROM gcs('http://${here}/b/k', 'LineAsString')`,
      `SELECT * FROM hdfs('hdfs://${here}/k', 'LineAsString')`,
      `SELECT * FROM azureBlobStorage('http://${here}', 'c', 'b', 'a', 'k')`,
      `SELECT * FROM iceberg('http://${here}/b/k')`,
      `SELECT * FROM deltaLake('http://${here}/b/k')`,
      `SELECT * FROM remote('${here}', system.one)`,
      `SELECT * FROM remoteSecure('${here}', system.one)`,
      `SELECT * FROM cluster('default', system.one)`,
      `SELECT * FROM clusterAllReplicas('default', system.one)`,
      `SELECT * FROM postgresql('${here}', 'd', 't', 'u', 'p')`,
      `SELECT * FROM mysql('${here}', 'd', 't', 'u', 'p')`,
      `SELECT * FROM mongodb('${here}', 'd', 't', 'u', 'p', 'a String')`,
      `SELECT * FROM redis('${here}', 'a', 'a String')`,
      `SELECT * FROM jdbc('x', 't')`,
      `SELECT * FROM odbc('DSN=x', 't')`,
      `SELECT * FROM dictionary('x')`,
      `SELECT * FROM merge('system', 'processes')`,
      `SELECT * FROM loop(marts.m) LIMIT 1`,
      `SELECT * FROM mergeTreeIndex(marts, m)`,
      `SELECT * FROM arrowstream('0')`,
      `SELECT aiGenerate('x')`,
      `SELECT arrayMap(aiGenerate, ['x'])`,
      `CREATE TABLE raw.r (a String) ENGINE = URL('http://${here}/ping', LineAsString)`,
      `CREATE TABLE raw.r (a String) ENGINE = PostgreSQL('${here}', 'd', 't', 'u', 'p')`,
      `CREATE TABLE raw.r (a String) ENGINE = Distributed(default, raw, t)`,
      `CREATE TABLE raw.r (a String) ENGINE = Buffer(marts, m, 1, 1, 1, 1, 1, 1, 1)`,
      `CREATE TABLE raw.r (a String) ENGINE = Merge(marts, '.*')`,
      `CREATE TABLE raw.r (a String) ENGINE = Kafka('${here}', 't', 'g', 'TSV')`,
      `CREATE TABLE raw.r (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'web', endpoint = 'http://${here}/')`,
      `CREATE TABLE raw.r (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = s3, endpoint = 'http://${here}/b/')`,
      `CREATE DATABASE dbt_pg ENGINE = PostgreSQL('${here}', 'd', 'u', 'p')`,
      `CREATE DATABASE dbt_pg ENGINE = MaterializedPostgreSQL('${here}', 'd', 'u', 'p')`,
      `SELECT * FROM numbers(1) SETTINGS url_base = 'http://${here}/'`,
    ];
    for (const caller of all) for (const sql of tries) await refused(caller, sql);
  });
});

describe("rights", () => {
  it("landing writes raw and nothing else", async () => {
    for (const sql of [
      "SELECT * FROM marts.m",
      "SELECT * FROM intermediate.i",
      "INSERT INTO marts.m VALUES (2, 'x')",
      "CREATE TABLE staging.x (a Int32) ENGINE = Memory",
      "DROP TABLE marts.m",
      "CREATE DATABASE other",
      "DROP DATABASE marts",
      "EXCHANGE TABLES raw.t AND marts.m",
      "RENAME TABLE raw.t TO marts.t",
      "RENAME TABLE marts.m TO raw.m",
      "ALTER TABLE marts.m DELETE WHERE 1",
      "CREATE VIEW raw.lent DEFINER = default SQL SECURITY DEFINER AS SELECT * FROM marts.m",
      "CREATE VIEW raw.lent (a Int32, b String) DEFINER = default SQL SECURITY DEFINER AS SELECT * FROM marts.m",
      "CREATE OR REPLACE VIEW raw.lent (a Int32) DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT a FROM marts.m",
      "CREATE VIEW raw.lent AS SELECT * FROM marts.m",
      "CREATE MATERIALIZED VIEW raw.lent REFRESH EVERY 1 SECOND ENGINE = Memory AS SELECT * FROM raw.t",
      "CREATE MATERIALIZED VIEW raw.mv TO marts.m AS SELECT a, b FROM raw.t",
      "CREATE MATERIALIZED VIEW raw.mv TO marts.m DEFINER = default SQL SECURITY DEFINER AS SELECT a, b FROM raw.t",
      "ALTER TABLE raw.t ATTACH PARTITION ALL FROM marts.m",
      "CREATE TABLE raw.copy ENGINE = Memory AS SELECT * FROM marts.m",
      "SELECT * FROM view(SELECT * FROM marts.m)",
      "TRUNCATE TABLE marts.m",
      "OPTIMIZE TABLE marts.m",
      "SYSTEM STOP VIEW marts.x",
    ]) {
      await refused(landing, sql);
    }
    expect(await ok(call(dbt, "SELECT b FROM marts.m"))).toBe("mart row\n");
    for (const sql of [
      "CREATE DATABASE IF NOT EXISTS raw ENGINE = Atomic",
      "CREATE TABLE raw.own (k UInt8, _version UInt128, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY k SETTINGS allow_experimental_replacing_merge_with_cleanup = 1",
      "CREATE TABLE raw.other AS raw.own",
      "INSERT INTO raw.own VALUES (1, 1, 0), (2, 1, 1)",
      "ALTER TABLE raw.own ADD COLUMN c String DEFAULT 'x', DROP COLUMN IF EXISTS d",
      "ALTER TABLE raw.own DELETE WHERE k = 9 SETTINGS mutations_sync = 1",
      "ALTER TABLE raw.own MODIFY COMMENT 'own'",
      "OPTIMIZE TABLE raw.own FINAL CLEANUP",
      "EXCHANGE TABLES raw.own AND raw.other",
      "RENAME TABLE raw.other TO raw.another",
      "TRUNCATE TABLE raw.another",
      "SELECT name, type FROM system.columns WHERE database = 'raw'",
      "SELECT count() FROM system.parts WHERE database = 'raw'",
      "SHOW CREATE TABLE raw.own",
      "DROP TABLE raw.another SYNC",
      "DROP TABLE IF EXISTS raw.own",
    ]) {
      await ok(call(landing, sql));
    }
  });

  it("dbt reads raw and cannot change it", async () => {
    expect(await ok(call(dbt, "SELECT b FROM raw.t"))).toBe("raw row\n");
    for (const sql of [
      "INSERT INTO raw.t VALUES (9, 'x')",
      "INSERT INTO raw.t SELECT * FROM marts.m",
      "ALTER TABLE raw.t DELETE WHERE 1",
      "DELETE FROM raw.t WHERE 1",
      "TRUNCATE TABLE raw.t",
      "DROP TABLE raw.t",
      "DROP DATABASE raw",
      "CREATE TABLE raw.x (a Int32) ENGINE = Memory",
      "CREATE OR REPLACE TABLE raw.t ENGINE = Memory AS SELECT 1 AS a",
      "EXCHANGE TABLES marts.m AND raw.t",
      "RENAME TABLE raw.t TO staging.t",
      "CREATE MATERIALIZED VIEW staging.mv TO raw.t AS SELECT a, b FROM marts.m",
      "CREATE MATERIALIZED VIEW staging.mv TO raw.t DEFINER = default SQL SECURITY DEFINER AS SELECT a, b FROM marts.m",
      "CREATE MATERIALIZED VIEW staging.mv REFRESH EVERY 1 SECOND APPEND TO raw.t AS SELECT a, b FROM marts.m",
      "ALTER TABLE intermediate.i MOVE PARTITION tuple() TO TABLE raw.t",
      "OPTIMIZE TABLE raw.t FINAL",
      "CREATE MATERIALIZED VIEW staging.mv TO raw.t (a Int32, b String) DEFINER = default SQL SECURITY DEFINER AS SELECT a, b FROM marts.m",
      "CREATE VIEW staging.sneak (a Int32) SQL SECURITY NONE AS SELECT a FROM raw.t",
      "CREATE DATABASE other ENGINE = Atomic",
    ]) {
      await refused(dbt, sql);
    }
    expect(await ok(call(landing, "SELECT count() FROM raw.t"))).toBe("1\n");
    await ok(call(dbt, "CREATE DATABASE dbt_someone ENGINE = Atomic"));
    await ok(call(dbt, "CREATE TABLE dbt_someone.t ENGINE = MergeTree ORDER BY a AS SELECT * FROM raw.t"));
    await ok(call(dbt, "DROP DATABASE dbt_someone"));
  });

  it("cube and seal read marts and nothing else", async () => {
    for (const reader of [cube, seal]) {
      expect(await ok(call(reader, "SELECT b FROM marts.m"))).toBe("mart row\n");
      expect(await ok(call(reader, "SELECT b FROM m", { database: "marts" }))).toBe("mart row\n");
      for (const sql of [
        "SELECT * FROM raw.t",
        "SELECT * FROM `raw`.`t`",
        'SELECT * FROM "raw"."t"',
        "SELECT * FROM marts.m UNION ALL SELECT * FROM raw.t",
        "SELECT * FROM marts.m WHERE a IN (SELECT a FROM raw.t)",
        "SELECT * FROM marts.m WHERE a IN raw.t",
        "WITH x AS (SELECT * FROM intermediate.i) SELECT * FROM x",
        "SELECT * FROM staging.v",
        "SELECT (SELECT any(b) FROM raw.t)",
        "SELECT * FROM view(SELECT * FROM raw.t)",
        "SELECT joinGet('raw.t', 'b', 1)",
        "SELECT dictGet('raw.t', 'b', 1)",
        "SELECT * FROM marts.m AS m JOIN raw.t AS t ON m.a = t.a",
        "INSERT INTO marts.m VALUES (2, 'x')",
        "INSERT INTO marts.m SELECT 2, 'x'",
        "CREATE TABLE marts.x (a Int32) ENGINE = Memory",
        "CREATE TEMPORARY TABLE x (a Int32)",
        "CREATE VIEW marts.x AS SELECT 1",
        "DROP TABLE marts.m",
        "TRUNCATE TABLE marts.m",
        "ALTER TABLE marts.m ADD COLUMN c Int32",
        "ALTER TABLE marts.m UPDATE b = 'x' WHERE 1",
        "OPTIMIZE TABLE marts.m",
        "SYSTEM FLUSH LOGS",
        "SHOW PROCESSLIST",
        "SHOW CREATE TABLE raw.t",
        "DESCRIBE raw.t",
        "USE raw",
        "USE system",
        "SET max_memory_usage = 1",
        "SET readonly = 0",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT 1 SETTINGS max_memory_usage = 100000000000",
      ]) {
        await refused(reader, sql);
      }
      await refused(reader, "SELECT * FROM t", { database: "raw" });
      await refused(reader, "SELECT * FROM {d:Identifier}.t", { param_d: "raw" });
    }
    expect(await ok(call(dbt, "SELECT count() FROM marts.m"))).toBe("1\n");
  });

  it("a reader sees its own tables in system, and nothing of others' queries", async () => {
    expect(
      await ok(
        call(
          cube,
          "SELECT DISTINCT database FROM system.tables WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')",
        ),
      ),
    ).toBe("marts\n");
    expect(await ok(call(cube, "SELECT table FROM system.columns WHERE database = 'raw'"))).toBe("");
    expect(await ok(call(cube, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'"))).toBe(
      "",
    );
    for (const sql of [
      "SELECT * FROM system.processes",
      "SELECT * FROM system . processes",
      "SELECT * FROM system./**/processes",
      "SELECT * FROM `system`.processes",
      'SELECT * FROM "system"."processes"',
      "SELECT * FROM system.query_log",
      "SELECT * FROM system.parts",
      "SELECT * FROM system.disks",
      "SELECT * FROM system.server_settings",
      "SELECT 1 IN system.processes",
      "EXISTS system.processes",
    ]) {
      await refused(cube, sql);
    }
    await refused(cube, "SELECT * FROM processes", { database: "system" });
    await refused(cube, "SELECT * FROM {d:Identifier}.processes", { param_d: "system" });
    await refused(cube, "SELECT * FROM system.{t:Identifier}", { param_t: "processes" });
  });

  it("nobody leaves the role or lends it", async () => {
    for (const caller of all) {
      for (const sql of [
        "SET ROLE ALL",
        "SET ROLE landing",
        "SET /* */ ROLE ALL",
        "SET\nROLE\nALL",
        "SET ROLE DEFAULT",
        "SET DEFAULT ROLE ALL TO default",
        "EXECUTE AS landing SELECT 1",
        "GRANT landing TO cube",
        "REVOKE ALL ON *.* FROM landing",
        "CREATE USER x",
        "CREATE ROLE x",
        "ALTER USER default IDENTIFIED BY 'x'",
        "ALTER ROLE cube SETTINGS readonly = 0",
        "DROP USER default",
        "DROP ROLE cube",
        "CREATE ROW POLICY p ON marts.m FOR SELECT USING 1 TO default",
        "CREATE SETTINGS PROFILE p SETTINGS readonly = 0",
        "CREATE QUOTA q",
        "SELECT 1; SET ROLE ALL",
        "SYSTEM SHUTDOWN",
        "SYSTEM KILL",
        "SYSTEM RELOAD CONFIG",
        "SYSTEM RELOAD USERS",
        "SYSTEM DROP MARK CACHE",
        "SYSTEM STOP MERGES",
        "KILL MUTATION WHERE 1",
        "KILL TRANSACTION WHERE 1",
        "BEGIN TRANSACTION",
        "RESTORE TABLE raw.t FROM File('/x')",
        "INSERT INTO system.query_log (query) VALUES ('x')",
        "CREATE TABLE system.x (a Int32) ENGINE = Memory",
        "DROP TABLE system.query_log",
        "TRUNCATE TABLE system.query_log",
        "DETACH TABLE raw.t",
        "CREATE TABLE raw.a (a Int8) ENGINE = Memory PARALLEL WITH CREATE TABLE raw.b (a Int8) ENGINE = Memory",
      ]) {
        await refused(caller, sql);
      }
    }
    const params = { session_id: "role" };
    await refused(landing, "SET ROLE ALL", params);
    await refused(landing, "SELECT * FROM marts.m", params);
  });

  it("nobody raises the limits", async () => {
    for (const sql of [
      "SELECT 1 SETTINGS max_memory_usage = 0",
      "SELECT 1 SETTINGS max_memory_usage = 1000000000000",
      "SELECT 1 SETTINGS max_execution_time = 0",
      "SELECT 1 SETTINGS max_threads = 100000",
      "SET max_execution_time = 1000000",
    ]) {
      await refused(landing, sql);
      await refused(dbt, sql);
    }
    const settings = { max_memory_usage: "0", max_execution_time: "0", max_result_rows: "0" };
    const told = await ok(
      call(
        cube,
        "SELECT getSetting('max_memory_usage'), getSetting('max_execution_time'), getSetting('max_result_rows')",
        settings,
      ),
    );
    expect(told).toBe(`${1024 ** 3}\t120\t5000000\n`);
  });
});

describe("credentials", () => {
  it("are needed and compared exactly", async () => {
    for (const caller of all) {
      for (const password of [
        "",
        "x",
        caller.password.slice(0, -1),
        `x${caller.password}`,
        caller.password.toUpperCase(),
      ]) {
        const result = await call({ ...caller, password }, "SELECT 1");
        expect(result.status).toBe(403);
        expect(result.headers.get("x-clickhouse-exception-code")).toBe("516");
        expect(result.text).toContain("AUTHENTICATION_FAILED");
      }
    }
    expect((await fetch(`${running.engine.url}/?query=SELECT%201`)).status).toBe(403);
    expect((await call({ ...landing, user: "default", password: "" }, "SELECT 1")).status).toBe(403);
    expect((await call({ ...landing, user: "endpoint", password: "" }, "SELECT 1")).status).toBe(403);
    expect((await call({ ...landing, user: "cube" }, "SELECT 1")).status).toBe(403);
  });

  it("are taken in each of the ways of a server, one at a time", async () => {
    const { url } = running.engine;
    const basic = { authorization: `Basic ${Buffer.from(`${cube.user}:${cube.password}`).toString("base64")}` };
    const keys = { "X-ClickHouse-User": cube.user, "X-ClickHouse-Key": cube.password };
    const params = new URLSearchParams({ user: cube.user, password: cube.password });
    expect((await fetch(`${url}/?query=SELECT%201`, { headers: basic })).status).toBe(200);
    expect((await fetch(`${url}/?query=SELECT%201`, { headers: keys })).status).toBe(200);
    expect((await fetch(`${url}/?query=SELECT%201&${params}`)).status).toBe(200);
    expect((await fetch(`${url}/?query=SELECT%201`, { headers: { ...basic, ...keys } })).status).toBe(403);
    expect((await fetch(`${url}/?query=SELECT%201&${params}`, { headers: keys })).status).toBe(403);
    expect((await fetch(`${url}/?query=SELECT%201`, { headers: { authorization: "Bearer x" } })).status).toBe(403);
  });

  it("do not show in errors or the query log", async () => {
    await call(landing, "SELECT nothing_of_that_name");
    await ok(call(landing, "SYSTEM FLUSH LOGS"));
    expect(await ok(call(landing, "SELECT * FROM system.query_log FORMAT JSONEachRow"))).not.toContain(
      landing.password,
    );
  });
});

describe("words in literals are no alarms", () => {
  it.each([
    [
      "SELECT 'file(''/etc/passwd''); DROP TABLE x -- INTO OUTFILE'",
      "file(\\'/etc/passwd\\'); DROP TABLE x -- INTO OUTFILE\n",
    ],
    [
      "SELECT $doc$it's; a 'doc' FORMAT x -- file('/x') INTO OUTFILE$doc$",
      "it\\'s; a \\'doc\\' FORMAT x -- file(\\'/x\\') INTO OUTFILE\n",
    ],
    ["SELECT 1 /* ; file('x') /* nested */ INTO OUTFILE 'y' */ + 1", "2\n"],
    ["SELECT 1 /* /* */ ; SELECT file('x') -- */ + 1", "2\n"],
    ["SELECT 1 -- ; SELECT file('x')\n + 1", "2\n"],
    ["SELECT 1 # ; SELECT file('x')\n + 1", "2\n"],
    ["SELECT `a;b` FROM (SELECT 3 AS `a;b`)", "3\n"],
    ["SELECT 'a\\'; SELECT 1' AS x", "a\\'; SELECT 1\n"],
    ["SELECT t.file FROM (SELECT 5 AS file) AS t", "5\n"],
    ["SELECT 6 AS url, 7 AS remote, 8 AS cluster", "6\t7\t8\n"],
    ["SELECT format('{} and {}', 'a', 'b')", "a and b\n"],
    ["SELECT 1 ;;; ", "1\n"],
    ["SELECT * FROM values('a Int32, b String', (1, 'x'))", "1\tx\n"],
    ["SELECT * FROM values((1, 'x'), (2, 'y'))", "1\tx\n2\ty\n"],
    ["SELECT 'FORMAT JSON' AS format FORMAT CSV", '"FORMAT JSON"\n'],
    ["SELECT * FROM (SELECT 1 AS format) WHERE format = 1", "1\n"],
    ["EXISTS TABLE raw.file", "0\n"],
  ])("%s", async (sql, expected) => {
    expect(await ok(call(landing, sql))).toBe(expected);
  });

  it("tables and columns may be called like functions", async () => {
    await ok(
      call(
        landing,
        "CREATE TABLE raw.file (file String, url String, `values` Int32, engine String) ENGINE = MergeTree ORDER BY url",
      ),
    );
    await ok(call(landing, "INSERT INTO raw.file (file, url, `values`, engine) VALUES ('f', 'u', 1, 'e')"));
    await ok(call(landing, "INSERT INTO file (file, url) FORMAT CSV f2,u2\n"));
    expect(
      await ok(call(landing, "SELECT f.file, url, f.values, engine FROM raw.file AS f ORDER BY url LIMIT 1")),
    ).toBe("f\tu\t1\te\n");
    await ok(call(landing, "DROP TABLE raw.file"));
  });

  it("a comment written by dbt may hold anything", async () => {
    const comment = "it's; a 'doc' FORMAT x $$ -- file('/etc/passwd') INTO OUTFILE 'x' /*";
    await ok(call(dbt, `CREATE TABLE staging.commented (a Int32) ENGINE = MergeTree ORDER BY a`));
    await ok(call(dbt, `ALTER TABLE staging.commented MODIFY COMMENT $dbt_comment$${comment}$dbt_comment$`));
    expect(await ok(call(dbt, "SELECT comment FROM system.tables WHERE name = 'commented' FORMAT RawBLOB"))).toBe(
      comment,
    );
  });
});
