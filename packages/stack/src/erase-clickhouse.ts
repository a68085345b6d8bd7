/** How to ask ClickHouse as the user that writes `raw`. */
export type LandingPlace = { url: string; password: string };

const waitMs = 180_000;

/**
 * Rows that were set aside and speak of these people go, and so do older versions of the people themselves: ClickHouse keeps them until it
 * merges, and merged parts a while longer.
 */
export async function cleanClickHouse(place: LandingPlace, personIds: readonly string[]): Promise<void> {
  const ask = (sql: string) => askOf(place, sql);
  const ids = personIds.filter((id) => /^[0-9a-f-]{36}$/.test(id)).map((id) => `'${id}'`);
  const there = new Set(
    (await ask("SELECT name FROM system.tables WHERE database = 'raw' FORMAT TSV")).split("\n").filter(Boolean),
  );
  const tables = ["_dead_letter", "person"].filter((table) => there.has(table));
  if (tables.length === 0 || ids.length === 0) return;
  for (const table of tables)
    await ask(
      `ALTER TABLE raw.${table} MODIFY SETTING old_parts_lifetime = 1, cleanup_delay_period = 1, max_cleanup_delay_period = 2, cleanup_delay_period_random_add = 0`,
    );
  try {
    if (there.has("_dead_letter"))
      await ask(
        `ALTER TABLE raw._dead_letter DELETE WHERE multiSearchAny(payload, [${ids.join(", ")}]) SETTINGS mutations_sync = 2`,
      );
    for (const table of tables) await ask(`OPTIMIZE TABLE raw.${table} FINAL`);
    // A part without rows stands where all rows of a table went; it holds nothing.
    const deadline = Date.now() + waitMs;
    const list = tables.map((table) => `'${table}'`).join(", ");
    for (;;) {
      const left = await ask(
        `SELECT count() FROM system.parts WHERE database = 'raw' AND table IN (${list}) AND NOT active AND rows > 0 FORMAT TSV`,
      );
      if (left.trim() === "0") return;
      if (Date.now() > deadline) throw new Error("ClickHouse 还留着旧的数据文件 (old parts are still there)");
      await new Promise((wake) => setTimeout(wake, 2_000));
      // A table that rests is looked after ever more rarely. Dropping a partition looks at once; these tables have none but "all".
      for (const table of tables) await ask(`ALTER TABLE raw.${table} DROP PARTITION ID 'none'`);
    }
  } finally {
    for (const table of tables)
      await ask(
        `ALTER TABLE raw.${table} RESET SETTING old_parts_lifetime, cleanup_delay_period, max_cleanup_delay_period, cleanup_delay_period_random_add`,
      );
  }
}

async function askOf({ url, password }: LandingPlace, sql: string): Promise<string> {
  const response = await fetch(`${url}/?wait_end_of_query=1`, {
    method: "POST",
    headers: { "X-ClickHouse-User": "landing", "X-ClickHouse-Key": password },
    body: sql,
    signal: AbortSignal.timeout(600_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`ClickHouse: ${text.slice(0, 500)}`);
  return text;
}
