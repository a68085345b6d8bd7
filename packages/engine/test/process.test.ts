import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { platformUsers, startEngine } from "../src/index.ts";
import { call, ok, until } from "./target.ts";

const folder = mkdtempSync(join(tmpdir(), "xf-engine-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const password = "a-password-of-24-characters";
const users = platformUsers({ landing: password, dbt: password, cube: password, seal: password });
const as = (url: string, user = "landing") => ({ url, user, password });

const source = (name: string) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

function isAlive(pid: number) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Queries of clients inside the engine that the tests below start. */
const runningQueries = async (url: string) =>
  Number(
    await ok(
      call(as(url), "SELECT count() FROM system.processes WHERE query LIKE '%numbers%' OR query LIKE '%sleep%'"),
    ),
  ) - 1;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (!address || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("the data folder", () => {
  it("keeps everything over a stop and over SIGKILL, and knows its four databases", async () => {
    const dataPath = join(folder, "kept");
    const first = await startEngine({ dataPath, users });
    await ok(call(as(first.url), "CREATE TABLE raw.t (a UInt64) ENGINE = MergeTree ORDER BY a"));
    await ok(call(as(first.url), "INSERT INTO raw.t VALUES (1)"));
    await first.close();
    const second = await startEngine({ dataPath, users });
    await ok(call(as(second.url), "INSERT INTO raw.t VALUES (2)"));
    process.kill(second.pid, "SIGKILL");
    await second.close();
    const third = await startEngine({ dataPath, users });
    expect(await ok(call(as(third.url), "SELECT a FROM raw.t ORDER BY a"))).toBe("1\n2\n");
    expect(await ok(call(as(third.url), "SELECT name, engine FROM system.databases WHERE name = 'raw'"))).toBe(
      "raw\tAtomic\n",
    );
    await third.close();
  });

  it("serves one process; a second one says so", async () => {
    const dataPath = join(folder, "locked");
    const first = await startEngine({ dataPath, users });
    await expect(startEngine({ dataPath, users })).rejects.toThrow(/另一个进程正在使用.*another process/s);
    expect(await ok(call(as(first.url), "SELECT 1"))).toBe("1\n");
    await first.close();
  });
});

describe("the process", () => {
  it("stops within seconds with a query inside", async () => {
    const engine = await startEngine({ dataPath: join(folder, "stopping"), users });
    const endless = call(
      as(engine.url),
      "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))",
    );
    endless.catch(() => undefined);
    await until(async () => (await runningQueries(engine.url)) === 1);
    const started = performance.now();
    await engine.close();
    expect(performance.now() - started).toBeLessThan(15_000);
    const result = await endless.catch(() => undefined);
    if (result) expect(result.text).toContain("QUERY_WAS_CANCELLED");
  });

  it("lets a short query finish while it stops", async () => {
    const engine = await startEngine({ dataPath: join(folder, "finishing"), users });
    const short = ok(call(as(engine.url), "SELECT sleep(1)"));
    await until(async () => (await runningQueries(engine.url)) === 1);
    await engine.close();
    expect(await short).toBe("0\n");
  });

  it("ends with the process that started it", async () => {
    const script = `import { startEngine, platformUsers } from ${JSON.stringify(source("index.ts"))};
      const engine = await startEngine({ dataPath: ${JSON.stringify(join(folder, "orphan"))}, users: ${JSON.stringify(users)} });
      console.log(engine.pid);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (data) => resolve(Number(data))));
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await until(() => !isAlive(pid), 15_000);
  });

  it("runs by main.ts from settings, with enough threads, and exits 0 on SIGTERM", async () => {
    const port = await freePort();
    const child = spawn(process.execPath, [source("main.ts")], {
      env: {
        PATH: process.env.PATH,
        ENGINE_PORT: String(port),
        STATE_DIR: join(folder, "state"),
        CLICKHOUSE_LANDING_PASSWORD: password,
        CLICKHOUSE_DBT_PASSWORD: password,
        CLICKHOUSE_CUBE_PASSWORD: password,
        CLICKHOUSE_SEAL_PASSWORD: password,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const url = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${url}/ping`)).text()).toBe("Ok.\n");
    expect(await (await fetch(`${url}/`)).text()).toBe("Ok.\n");
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await (await fetch(`${url}/readyz`)).json();
    expect(ready).toMatchObject({ ready: true, queries: { inFlight: 0 } });
    const answers = Array.from({ length: 12 }, () =>
      ok(call(as(url), "SELECT sleepEachRow(0.5) FROM numbers(6) FORMAT Null")),
    );
    await until(async () => (await runningQueries(url)) === 12);
    await Promise.all(answers);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("says what is wrong with its settings", async () => {
    const child = spawn(process.execPath, [source("main.ts")], {
      env: { PATH: process.env.PATH, STATE_DIR: join(folder, "none") },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (data) => {
      said += data;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).not.toBe(0);
    expect(said).toContain("CLICKHOUSE_LANDING_PASSWORD");
  });
});
