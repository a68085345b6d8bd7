const levels = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof levels)[number];

export type Log = (level: Level, event: string, fields?: Record<string, string | number | undefined>) => void;

/** One line of JSON. Callers pass codes, paths and request numbers; never names, numbers of people, or what somebody typed. */
export const createLog =
  (least: Level): Log =>
  (level, event, fields = {}) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return;
    const line = JSON.stringify({ at: new Date().toISOString(), level, app: "insights", event, ...fields });
    if (level === "error" || level === "warn") console.error(line);
    else console.log(line);
  };

/** Kind and place of an error without its words: those may quote a row of the database. */
export function errorPlace(error: unknown): { kind: string; code?: string; place?: string } {
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const frames = error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at ")) ?? [];
  const place = frames.slice(0, 4).map((line) => line.trim());
  return { kind: error.name, ...(code ? { code } : {}), place: place.join(" < ") };
}
