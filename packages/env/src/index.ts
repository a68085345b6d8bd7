import { type SettingName, type Settings, settings } from "./settings.ts";

export { type SettingName, type Settings, settings } from "./settings.ts";

/** A setting has a value that cannot be used. The message names it, its value (secrets hidden) and what was expected. */
export class SettingError extends Error {
  override name = "SettingError";
}

const isSecret = (name: string) => /PASSWORD|SECRET|KEY/.test(name);

/**
 * Reads the named settings from the environment; an empty string counts as not set.
 * @throws SettingError listing every wrong value at once.
 */
export function readSettings<Name extends SettingName>(
  names: readonly Name[],
  source: Record<string, string | undefined> = process.env,
): Pick<Settings, Name> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const given = source[name] === "" ? undefined : source[name];
    const parsed = settings[name].schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else {
      const shown = given === undefined ? "没有设置 (not set)" : isSecret(name) ? "（不显示）" : JSON.stringify(given);
      const expected = parsed.error.issues.map((issue) => issue.message).join("; ");
      problems.push(`${name} = ${shown}：${settings[name].about}。需要 (expected): ${expected}`);
    }
  }
  if (problems.length > 0) throw new SettingError(`设置有误 (wrong settings):\n  ${problems.join("\n  ")}`);
  return values as Pick<Settings, Name>;
}

/** The text of `.env.example`: every setting a person may set, with what it is for. */
export function envExample(): string {
  const lines = [
    "# Printed from packages/env/src/settings.ts. Copy to .env and change what you need; everything has a default.",
    "",
  ];
  for (const [name, setting] of Object.entries(settings)) {
    if (setting.by === "user") lines.push(`# ${setting.about}`, `# ${name}=${setting.example}`, "");
  }
  return lines.join("\n");
}
