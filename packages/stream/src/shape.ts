/**
 * What a change without a row event leaves behind in the catalog. Columns are known by their number, which no other column ever gets, so
 * that neither a name that was used again nor two that were exchanged can pass for the same; the number of the catalog row's last
 * change beside it.
 */
export type Shape = {
  /** The table's file: another one after everything that writes all rows anew. */
  file: string;
  key: string[];
  columns: Record<string, [number: number, changedBy: string]>;
  /** Which publication it is in, and its last change: while it left out updates or deletes, those were never sent. */
  published?: string;
};

/** Text of a shape as it is remembered. */
export const shapeText = (shape: Shape): string => JSON.stringify(shape);

/** undefined where none was remembered. */
export const parseShape = (text: string): Shape | undefined => (text === "" ? undefined : (JSON.parse(text) as Shape));

/**
 * What happened to a table since it was copied that its rows in the log do not tell: "values" (old rows hold other values now) or "key"
 * (rows are other rows). VACUUM FULL and TRUNCATE write a new file, too, but touch no column; a new default touches a column, but no file.
 * @param added columns that the landing table gets now, empty
 */
export function changedUnseen(before: Shape, now: Shape, added: readonly string[]): "nothing" | "values" | "key" {
  if (before.key.join("\n") !== now.key.join("\n")) return "key";
  if (before.published !== undefined && before.published !== now.published) return "values";
  let isTouched = false;
  for (const [name, [number, changedBy]] of Object.entries(now.columns)) {
    const old = before.columns[name];
    // One that is known and has to be added again went from ClickHouse with its values.
    if (old ? old[0] !== number || added.includes(name) : !added.includes(name)) return "values";
    if (old?.[1] !== changedBy) isTouched = true;
  }
  return isTouched && before.file !== now.file ? "values" : "nothing";
}
