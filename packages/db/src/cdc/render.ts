import { appliedColumns, columnType, type LandingTable, versionColumns } from "@xianfeng/clickhouse/landing";

type Described = { table: LandingTable; purpose: string };

const header = "Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.";
const yamlText = (text: string) => JSON.stringify(text);
const pascal = (name: string) => name.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());

/** TypeScript data: the landing tables as they were when the files were made. */
export function landingFile(tables: readonly LandingTable[]): string {
  const rows = tables.map((table) => {
    const columns = table.columns.map((column) => `      ${JSON.stringify(column)},`).join("\n");
    return `  {\n    name: ${JSON.stringify(table.name)},\n    key: ${JSON.stringify(table.key)},\n    columns: [\n${columns}\n    ],\n  },`;
  });
  return `// ${header}
import type { LandingTable } from "../landing/catalog.ts";

/** Every published table, parents before children. */
export const landingTables: LandingTable[] = [
${rows.join("\n")}
];
`;
}

/** TypeScript types of the rows as ClickHouse answers them in JSON. */
export function rowsFile(described: readonly Described[]): string {
  const types = described.map(({ table, purpose }) => {
    const fields = table.columns.map((c) => `  ${c.name}: ${c.typescript}${c.nullable ? " | null" : ""};`).join("\n");
    return `/** A live row of \`${table.name}\`: ${purpose}. */\nexport type ${pascal(table.name)}Row = {\n${fields}\n};`;
  });
  const map = described.map(({ table }) => `  ${table.name}: ${pascal(table.name)}Row;`).join("\n");
  return `// ${header}
// Dates are YYYY-MM-DD, instants YYYY-MM-DD hh:mm:ss.mmm in UTC, decimals and 64-bit numbers text.

${types.join("\n\n")}

export type PublishedRows = {
${map}
};
`;
}

/** One staging view: the live rows of a landing table, nothing else. */
export function stagingModel(table: LandingTable): string {
  return `-- ${header}
{{ config(materialized='view') }}

select
${table.columns.map((column) => `    ${column.name}`).join(",\n")}
from {{ source('raw', '${table.name}') }} final
where _deleted = 0
`;
}

/** How fresh the landing tables are. Marts read it in a statement of its own, before the data. */
export function appliedModel(): string {
  return `-- ${header}
{{ config(materialized='view') }}

select
${appliedColumns.map((column) => `    ${column.name}`).join(",\n")}
from {{ source('raw', '_applied') }} final
`;
}

type DescribedColumn = { name: string; type: string; about?: string };

/** Block style throughout, which no formatter breaks differently. */
const columnList = (columns: readonly DescribedColumn[], indent: string) =>
  columns
    .map(({ name, type, about }) => {
      const lines = [`- name: ${name}`, `  data_type: ${yamlText(type)}`];
      if (about) lines.push(`  description: ${yamlText(about)}`);
      return lines.map((line) => `${indent}${line}`).join("\n");
    })
    .join("\n");

/** The landing tables as dbt sources. */
export function sourcesFile(described: readonly Described[]): string {
  const tables = described.map(({ table, purpose }) => {
    const columns = table.columns.map((column) => ({ name: column.name, type: columnType(column) }));
    return `      - name: ${table.name}
        description: ${yamlText(purpose)}
        columns:
${columnList([...columns, ...versionColumns], "          ")}`;
  });
  return `# ${header}
version: 2

sources:
  - name: raw
    schema: raw
    description: "Landing tables, written by packages/stream only. Every version of a row until merged; read them through staging."
    tables:
      - name: _applied
        description: "One row: up to where the stream has brought everything"
        columns:
${columnList(appliedColumns, "          ")}
${tables.join("\n")}
`;
}

/** The staging views and their columns. */
export function stagingFile(described: readonly Described[]): string {
  const models = described.map(({ table, purpose }) => {
    const columns = table.columns.map((column) => ({
      name: column.name,
      type: columnType(column),
      about: table.key.includes(column.name) ? "key" : undefined,
    }));
    return `  - name: stg_${table.name}
    description: ${yamlText(`Live rows of ${table.name}, one per ${table.key.join(", ")}. Used for: ${purpose}`)}
    columns:
${columnList(columns, "      ")}`;
  });
  return `# ${header}
version: 2

models:
  - name: stg_applied
    description: "One row: how fresh the landing tables are. Read it in a statement of its own, before the data"
    columns:
${columnList(appliedColumns, "      ")}
${models.join("\n")}
`;
}
