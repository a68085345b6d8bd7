import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { settings as known, readSettings, SettingError, type SettingName, type Settings } from "@xianfeng/env";

/** The root of the checkout. */
export const root = resolve(import.meta.dirname, "../../..");

type UserSetting = {
  [Name in SettingName]: (typeof known)[Name]["by"] extends "user" ? Name : never;
}[SettingName];

const userNames = (Object.keys(known) as SettingName[]).filter((name) => known[name].by === "user") as UserSetting[];

/** Settings of this checkout, checked, and what was really given by somebody (environment or `.env`). */
export type Checkout = {
  settings: Pick<Settings, UserSetting>;
  given: Record<string, string>;
  stateDir: string;
  /** Names in `.env` that nothing reads: most often a typing error. */
  unknown: string[];
};

/**
 * Reads `.env` in `folder` and the environment, which wins; an empty value counts as not set.
 * @throws SettingError listing every wrong value at once.
 */
export function loadCheckout(folder = root, environment: Record<string, string | undefined> = process.env): Checkout {
  const file = join(folder, ".env");
  const written: Record<string, string | undefined> = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  const given: Record<string, string> = {};
  for (const name of Object.keys(known)) {
    const value = environment[name] || written[name];
    if (value) given[name] = value;
  }
  const settings = readSettings([...userNames, ...(Object.keys(given) as SettingName[])], given);
  if (settings.RESEND_API_KEY && !settings.MAIL_FROM)
    throw new SettingError(
      "设置有误：有 RESEND_API_KEY 而没有 MAIL_FROM，请补上发件地址 (RESEND_API_KEY needs MAIL_FROM)",
    );
  const unknown = Object.keys(written).filter((name) => !(name in known));
  return { settings, given, stateDir: resolve(folder, settings.STATE_DIR), unknown };
}

/** The table in docs/operations.md. */
export function settingsTable(): string {
  const rows = userNames.map((name) => {
    const setting = known[name];
    return `| \`${name}\` | ${setting.about} | \`${setting.example}\` |`;
  });
  return ["| Setting | What it is for | Default or example |", "| --- | --- | --- |", ...rows].join("\n");
}

export { SettingError };
