/** Kind and place of an error without its words: those may quote a row of the database. */
export function errorPlace(error: unknown): { kind: string; code?: string; place?: string } {
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const frames = error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at ")) ?? [];
  const place = frames.slice(0, 4).map((line) => line.trim());
  return { kind: error.name, ...(code ? { code } : {}), place: place.join(" < ") };
}
