import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type ClickHouse, createClickHouse } from "@xianfeng/clickhouse";
import { landingTables } from "@xianfeng/clickhouse/generated/landing";

const ownProject = import.meta.dirname;
const python = [process.env.DBT_PYTHON, join(ownProject, "../.tools/venv/bin/python3")];

export type DeployOptions = {
  url: string;
  password: string;
  stateDir: string;
  /** Runs every data test and unit test, too (`dbt build`). */
  tests?: boolean;
  /** Folder of dbt's project; default this one. */
  project?: string;
  /** Deploys even when nothing has changed. */
  force?: boolean;
  /** Milliseconds to wait for the stream's landing tables. */
  waitMs?: number;
  say?: (line: string) => void;
};

/**
 * Brings ClickHouse to the models in this checkout and ends; from then on the refresher keeps the marts fresh.
 * Does nothing when this version is deployed already. Needs the landing tables and the user `dbt`.
 * @returns whether dbt had to run
 * @throws Error with dbt's own words when a model or test fails
 */
export async function deployWarehouse(options: DeployOptions): Promise<boolean> {
  const say = options.say ?? (() => undefined);
  const clickhouse = createClickHouse({ url: options.url, user: "dbt", password: options.password, tag: "deploy" });
  try {
    await waitForLanding(clickhouse, options.waitMs ?? 120_000);
    const stamp = stampOf(options.project ?? ownProject);
    const deployed = await readMarker(clickhouse);
    const relations = await countRelations(clickhouse);
    if (!options.force && !options.tests && deployed?.stamp === stamp && deployed.relations === relations) {
      say(`数据仓库已是当前版本 (warehouse up to date, ${stamp.slice(0, 12)})`);
      return false;
    }
    say("正在部署数据仓库 (deploying the warehouse)");
    await runDbt(options.tests ? "build" : "run", options);
    await writeMarker(clickhouse, stamp);
    say(`数据仓库部署完成 (warehouse deployed, ${stamp.slice(0, 12)})`);
    return true;
  } finally {
    await clickhouse.close();
  }
}

/** dbt needs the columns of every landing table; the stream makes them when it starts, and when a migration has added one. */
async function waitForLanding(clickhouse: ClickHouse, waitMs: number): Promise<void> {
  const columns = landingTables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`));
  const wanted = ["_applied.epoch", ...columns];
  const deadline = performance.now() + waitMs;
  for (let problem = ""; ; ) {
    try {
      const found = await clickhouse.query<{ name: string }>(
        "SELECT concat(table, '.', name) AS name FROM system.columns WHERE database = 'raw'",
      );
      const names = new Set(found.map((row) => row.name));
      const missing = wanted.filter((name) => !names.has(name));
      if (missing.length === 0) return;
      problem = `raw 中还缺少 (missing in raw): ${missing.join(", ")}`;
    } catch (error) {
      problem = (error as Error).message;
    }
    if (performance.now() >= deadline) {
      throw new Error(
        `数据流还没有建好落地表：请先应用数据库迁移并启动 stream (apply the migrations and start the stream first). ${problem}`,
      );
    }
    await new Promise((wake) => setTimeout(wake, 250));
  }
}

/** Changes whenever anything does that dbt reads. */
function stampOf(project: string): string {
  const hash = createHash("sha256");
  const roots = ["dbt_project.yml", "profiles.yml", "requirements.txt", "macros", "models"];
  for (const file of roots.flatMap((name) => filesUnder(join(project, name))).sort()) {
    hash.update(relative(project, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function filesUnder(path: string): string[] {
  if (/\.(sql|ya?ml|txt)$/.test(path)) return existsSync(path) ? [path] : [];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

// The marker lies in ClickHouse, so that one that was wiped is deployed again. The number of relations notices a half-wiped one.
const relationsSql =
  "SELECT toUInt32(count()) AS n FROM system.tables WHERE database IN ('staging', 'intermediate', 'marts') AND NOT startsWith(name, '.')";

async function countRelations(clickhouse: ClickHouse): Promise<number> {
  const [row] = await clickhouse.query<{ n: number }>(relationsSql);
  return row?.n ?? 0;
}

async function readMarker(clickhouse: ClickHouse): Promise<{ stamp: string; relations: number } | undefined> {
  await clickhouse.command(
    `CREATE TABLE IF NOT EXISTS marts._deployed (deployed_at DateTime64(3, 'UTC'), stamp String, relations UInt32)
     ENGINE = MergeTree ORDER BY deployed_at`,
  );
  const [last] = await clickhouse.query<{ stamp: string; relations: number }>(
    "SELECT stamp, relations FROM marts._deployed ORDER BY deployed_at DESC LIMIT 1",
  );
  return last;
}

const writeMarker = (clickhouse: ClickHouse, stamp: string) =>
  clickhouse.command(
    `INSERT INTO marts._deployed SELECT now64(3, 'UTC'), {stamp:String}, (${relationsSql.replace(" AS n", "")})`,
    { stamp },
  );

async function runDbt(command: "run" | "build", options: DeployOptions): Promise<void> {
  const interpreter = python.find((path) => path && existsSync(path));
  if (!interpreter)
    throw new Error("没有找到 Python 环境 .tools/venv，请重新运行 npm start (the Python environment is missing)");
  const project = options.project ?? ownProject;
  const folder = resolve(options.stateDir, "warehouse");
  mkdirSync(folder, { recursive: true });
  const args = [
    "-m",
    "dbt.cli.main",
    "--no-version-check",
    "--no-use-colors",
    "--quiet",
    command,
    "--project-dir",
    project,
  ];
  args.push("--profiles-dir", project, "--target-path", join(folder, "target"), "--log-path", join(folder, "logs"));
  const child = spawn(interpreter, args, {
    cwd: project,
    env: {
      ...process.env,
      CLICKHOUSE_HTTP_URL: options.url,
      CLICKHOUSE_DBT_PASSWORD: options.password,
      DBT_SEND_ANONYMOUS_USAGE_STATS: "false",
      DO_NOT_TRACK: "1",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      said = (said + part.toString()).slice(-20_000);
    });
  }
  const code = await new Promise<number | null>((done, failed) => child.once("close", done).once("error", failed));
  if (code !== 0) throw new Error(`dbt ${command} 失败 (failed, ${code}):\n${said}`);
}
