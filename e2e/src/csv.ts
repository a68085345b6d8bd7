/** Cells of a CSV file as RFC 4180 has them. Its own reader, so that the writer is not believed by its own library. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, quoted] = ["", false];
  const take = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ",") take();
    else if (letter === "\n") {
      take();
      rows.push([]);
    } else if (letter !== "\r") cell += letter;
  }
  if (cell !== "" || (rows.at(-1)?.length ?? 0) > 0) take();
  return rows.filter((row) => row.length > 0);
}
