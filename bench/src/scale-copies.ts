import { landingTables } from "@xianfeng/clickhouse/generated/landing";
import { type LandingColumn, quoted } from "@xianfeng/clickhouse/landing";
import type { DataPlatform } from "./platform.ts";

/** By how much numbers of a copy are above those of the copy before. Both are larger than any number of one load. */
const apart = { tenant: 1_000, org: 1_000_000 };

const isOrg = ({ name, table }: { name: string; table: string }) =>
  /(^|_)org_id(_then)?$|^parent_id$/.test(name) || (table === "party_org" && name === "id");
const isTenant = ({ name, table }: { name: string; table: string }) =>
  name === "tenant_id" || (table === "tenant" && name === "id");

/** Another id for each copy. The time in front stays, as rows of many tenants lie between each other by time. */
const otherId = (column: string) =>
  `concat(substring(${column}, 1, 24), leftPad(lower(hex(bitXor(reinterpretAsUInt16(reverse(unhex(substring(${column}, 25, 4)))), copy))), 4, '0'), substring(${column}, 29))`;

/** How a column of a copied row reads; undefined where it stays. `subject_id` holds an organisation's number or a person's id as text. */
function copied(table: string, { name, pgType }: LandingColumn): string | undefined {
  const column = quoted(name);
  if (isTenant({ table, name })) return `toInt32(${column} + copy * ${apart.tenant})`;
  if (pgType === "integer" && isOrg({ table, name })) return `toInt32(${column} + copy * ${apart.org})`;
  if (pgType === "uuid") return otherId(column);
  if (name === "subject_id")
    return `if(match(${column}, '^[0-9]+$'), toString(toInt64OrZero(${column}) + copy * ${apart.org}), ${otherId(column)})`;
  return undefined;
}

/**
 * Makes every landed row several times inside ClickHouse, each time as another tenant's under other ids: sizes that PostgreSQL and the disk
 * have no room for. What is loaded stays as it is, so changes in PostgreSQL still travel; pages can ask about the loaded tenants only, as
 * Cube asks PostgreSQL which runs may be read.
 * @param times how many times the rows are there afterwards
 */
export async function copyTenants(platform: DataPlatform, times: number): Promise<void> {
  const { rows: greatest } = await platform.owner.query<{ tenant: number; org: number }>(
    "SELECT (SELECT max(id) FROM tenant) AS tenant, (SELECT max(id) FROM party_org) AS org",
  );
  if ((greatest[0]?.tenant ?? 0) >= apart.tenant || (greatest[0]?.org ?? 0) >= apart.org)
    throw new Error("so many tenants cannot be copied: their numbers would meet those of the next copy");
  const landing = platform.landing();
  try {
    for (const { name, columns } of landingTables) {
      const others = columns.flatMap((column) => {
        const expression = copied(name, column);
        return expression ? [`${expression} AS ${quoted(column.name)}`] : [];
      });
      if (others.length === 0) throw new Error(`nothing tells the copies of ${name} apart`);
      await landing.command(
        `INSERT INTO raw.${quoted(name)} SELECT * EXCEPT copy REPLACE (${others.join(", ")})
         FROM raw.${quoted(name)} ARRAY JOIN range(1, ${times}) AS copy`,
      );
    }
  } finally {
    await landing.close();
  }
}

/** @throws unless the tables of which the marts are made say the same of each copy */
export async function copiesAgree(platform: DataPlatform, times: number): Promise<void> {
  const rows = await platform.clickhouse.query<{ mart: string; copies: number; ways: number }>(
    `SELECT mart, toInt32(count()) AS copies, toInt32(uniqExact(held)) AS ways FROM (
       SELECT 'int_attendance_month' AS mart, intDiv(tenant_id, ${apart.tenant}) AS copy,
         groupBitXor(cityHash64(tenant_id % ${apart.tenant}, org_id % ${apart.org}, month, kind, present, expected)) AS held
       FROM intermediate.int_attendance_month GROUP BY copy
       UNION ALL
       SELECT 'int_count_month', intDiv(tenant_id, ${apart.tenant}) AS copy,
         groupBitXor(cityHash64(tenant_id % ${apart.tenant}, org_id % ${apart.org}, month, measure, category, numerator, denominator))
       FROM intermediate.int_count_month GROUP BY copy
       UNION ALL
       SELECT 'int_evaluation_open', intDiv(tenant_id, ${apart.tenant}) AS copy,
         sum(cityHash64(tenant_id % ${apart.tenant}, group_org_id % ${apart.org}, population_kind, indicator_code, rank, of_n, score_num, score_den))
       FROM intermediate.int_evaluation_open GROUP BY copy
     ) GROUP BY mart`,
  );
  const wrong = rows.filter(({ copies, ways }) => copies !== times || ways !== 1);
  if (rows.length !== 3 || wrong.length > 0) throw new Error(`copies differ in the marts: ${JSON.stringify(rows)}`);
}
