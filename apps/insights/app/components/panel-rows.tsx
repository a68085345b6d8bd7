import type { ReactNode } from "react";

/** The rows that were counted. The first column names them, the others are figures. */
export function PanelRows({
  head,
  rows,
  note,
}: {
  head: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
  note?: string;
}) {
  const side = (at: number) => (at === 0 ? undefined : "r num");
  return (
    <>
      <div className="panel-rows scroll">
        <table className="small-table">
          <thead>
            <tr>
              {head.map((title, at) => (
                <th key={title} scope="col" className={side(at)}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                {row.cells.map((cell, at) => (
                  <td key={head[at]} className={side(at)}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {note && <p className="mut">{note}</p>}
    </>
  );
}
