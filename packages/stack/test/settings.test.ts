import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { envExample, SettingError } from "@xianfeng/env";
import { expect, onTestFinished, test } from "vitest";
import { told } from "../src/environment.ts";
import { openLogFile } from "../src/log-file.ts";
import { allocatePorts, freePort } from "../src/ports.ts";
import { ensureSecrets } from "../src/secrets.ts";
import { loadCheckout, root, settingsTable } from "../src/settings.ts";
import { temporaryFolder } from "./temporary.ts";

async function hold(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
  onTestFinished(() => void server.close());
}

test("the environment wins over .env, .env over the default, and a wrong name is told", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, ".env"), 'PORT=9100\nLOG_LEVEL="debug"\nHOST=\nPROT=1 # a typing error\n');
  const { settings, given, stateDir, unknown } = loadCheckout(folder, { PORT: "9200", CLICKHOUSE_URL: "" });
  expect(settings).toMatchObject({ PORT: 9200, LOG_LEVEL: "debug", HOST: "127.0.0.1", POSTGRES_PORT: 8801 });
  expect(settings.CLICKHOUSE_URL).toBeUndefined();
  expect(Object.keys(given).sort()).toEqual(["LOG_LEVEL", "PORT"]);
  expect(stateDir).toBe(join(folder, ".xianfeng"));
  expect(unknown).toEqual(["PROT"]);
});

test("all wrong settings are told at once, secrets without their value", () => {
  const wrong = { PORT: "80800", DATABASE_URL: "mysql://db/x", AUTH_SECRET: "too-short-secret" };
  const attempt = () => loadCheckout(temporaryFolder(), wrong);
  expect(attempt).toThrow(SettingError);
  expect(attempt).toThrow(/PORT = "80800"[\s\S]*DATABASE_URL[\s\S]*AUTH_SECRET/);
  expect(attempt).not.toThrow(/too-short-secret/);
});

test(".env.example and the table in docs/operations.md are what the code prints", () => {
  expect(readFileSync(join(root, ".env.example"), "utf8")).toBe(`${envExample()}\n`);
  expect(readFileSync(join(root, "docs/operations.md"), "utf8")).toContain(settingsTable());
});

test("a default port that is taken moves; the whole block of a second checkout stays together", async () => {
  const first = await freePort();
  await hold(first);
  const { ports, moves } = await allocatePorts([{ name: "PORT", port: first, givenByUser: false }]);
  expect(ports.PORT).toBeGreaterThan(first);
  expect(((ports.PORT ?? 0) - first) % 10).toBe(0);
  expect(moves).toEqual([
    { name: "PORT", wanted: first, got: ports.PORT, holder: expect.stringContaining(`pid ${process.pid}`) },
  ]);
});

test("a port that the user asked for is never moved: who holds it is named", async () => {
  const port = await freePort();
  await hold(port);
  const attempt = allocatePorts([{ name: "OPS_PORT", port, givenByUser: true }]);
  await expect(attempt).rejects.toThrow(SettingError);
  await expect(attempt).rejects.toThrow(new RegExp(`OPS_PORT = ${port}.*pid ${process.pid}`));
});

test("a port that the user gave to one part is not taken by the default of another", async () => {
  const port = await freePort();
  const { ports } = await allocatePorts([
    { name: "PORT", port, givenByUser: false },
    { name: "CUBE_PORT", port, givenByUser: true },
  ]);
  expect(ports.CUBE_PORT).toBe(port);
  expect(ports.PORT).not.toBe(port);
});

test("secrets are made once, long, different, and readable by their owner only", () => {
  const file = join(temporaryFolder(), "secrets.json");
  const made = ensureSecrets(file, {}, false);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const values = Object.values(made);
  expect(new Set(values).size).toBe(values.length);
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  expect(ensureSecrets(file, {}, true)).toEqual(made);
});

test("a secret given as a setting wins and is not written down", () => {
  const file = join(temporaryFolder(), "secrets.json");
  const made = ensureSecrets(file, { AUTH_SECRET: "given-by-the-vault-000000" }, false);
  expect(made.AUTH_SECRET).toBe("given-by-the-vault-000000");
  expect(readFileSync(file, "utf8")).not.toContain("given-by-the-vault");
});

test("a file that others may read is closed again", () => {
  const file = join(temporaryFolder(), "secrets.json");
  ensureSecrets(file, {}, false);
  chmodSync(file, 0o644);
  ensureSecrets(file, {}, true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a lost or damaged file is never replaced in silence where data exist", () => {
  const file = join(temporaryFolder(), "secrets.json");
  expect(() => ensureSecrets(file, {}, true)).toThrow(/备份/);
  writeFileSync(file, '{"DATA_KEY": "abc');
  expect(() => ensureSecrets(file, {}, true)).toThrow(/已损坏/);
  expect(readFileSync(file, "utf8")).toBe('{"DATA_KEY": "abc');
});

test("a secret that a newer version adds does not change the others", () => {
  const file = join(temporaryFolder(), "secrets.json");
  const { SIGN_IN_CODE_KEY: _new, ...older } = ensureSecrets(file, {}, false);
  writeFileSync(file, JSON.stringify(older));
  const now = ensureSecrets(file, {}, true);
  expect(now).toMatchObject(older);
  expect(now.SIGN_IN_CODE_KEY).toMatch(/^[\w-]{43}$/);
});

test("a log never grows past its limit, and keeps the newest lines", () => {
  const file = join(temporaryFolder(), "ops.log");
  const log = openLogFile(file, 1_000, 2);
  for (let line = 0; line < 200; line++) log.write(`line ${line} ${"x".repeat(40)}\n`);
  log.close();
  for (const name of [file, `${file}.1`, `${file}.2`]) expect(statSync(name).size).toBeLessThanOrEqual(1_000);
  expect(() => statSync(`${file}.3`)).toThrow();
  expect(readFileSync(file, "utf8")).toContain("line 199 ");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("every process is told the settings that it reads", () => {
  const readers: Record<keyof typeof told, string> = {
    migrate: "packages/db/src/cli.ts",
    seed: "packages/seed/src/cli.ts",
    engine: "packages/engine/src/main.ts",
    stream: "packages/stream/src/main.ts",
    warehouse: "warehouse/main.ts",
    cube: "cube/src/main.ts",
    ops: "apps/ops/lib/settings.ts",
    mail: "packages/mail/src/main.ts",
    insights: "apps/insights/server/settings.ts",
  };
  for (const [name, file] of Object.entries(readers)) {
    const list = /readSettings\(\s*\[([^\]]*)\]/.exec(readFileSync(join(root, file), "utf8"))?.[1] ?? "";
    const read = [...list.matchAll(/"(\w+)"/g)].map(([, setting]) => setting);
    expect(read.length, `${file} reads its settings in one call`).toBeGreaterThan(0);
    expect(told[name as keyof typeof told], name).toEqual(expect.arrayContaining(read));
  }
});

test("a mail service needs a sender's address, and only the mail process learns its key", () => {
  const key = "re_test_0123456789";
  expect(() => loadCheckout(temporaryFolder(), { RESEND_API_KEY: key })).toThrow(/MAIL_FROM/);
  expect(() => loadCheckout(temporaryFolder(), { RESEND_API_KEY: key })).not.toThrow(key);
  for (const wrong of ["先锋", "a@b\nBcc: c@d", "<>", "先锋 <a b@c>"])
    expect(() => loadCheckout(temporaryFolder(), { RESEND_API_KEY: key, MAIL_FROM: wrong })).toThrow(SettingError);
  const { settings } = loadCheckout(temporaryFolder(), { RESEND_API_KEY: key, MAIL_FROM: "先锋 <a@b.cn>" });
  expect(settings).toMatchObject({ RESEND_URL: "https://api.resend.com", MAIL_FROM: "先锋 <a@b.cn>" });
  const knowing = Object.entries(told).filter(([, names]) => (names as readonly string[]).includes("RESEND_API_KEY"));
  expect(knowing.map(([name]) => name)).toEqual(["mail"]);
});
