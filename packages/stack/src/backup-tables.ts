import { Client, escapeIdentifier } from "pg";
import { to as copyTo } from "pg-copy-streams";

/** A table that holds data of the platform, and the columns that are stored (not computed). */
export type Table = { name: string; columns: string[] };

// The text of a value must not depend on how server or database are set; what row security hides must be an error, not missing.
const session = {
  client_encoding: "UTF8",
  datestyle: "ISO, YMD",
  intervalstyle: "postgres",
  timezone: "UTC",
  extra_float_digits: "3",
  bytea_output: "hex",
  row_security: "off",
  synchronize_seqscans: "off",
  statement_timeout: "0",
  transaction_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  lock_timeout: "60s",
};

/** A connection under which COPY always writes the same text for the same rows. */
export async function connectForCopy(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: "xianfeng-backup",
  });
  // A lost connection also rejects the query that is under way.
  client.on("error", () => undefined);
  await client.connect();
  await client.query(
    Object.entries(session)
      .map(([name, value]) => `set ${name} = '${value}'`)
      .join("; "),
  );
  return client;
}

/** All tables but the list of migrations, which a new database writes by itself. */
export async function readTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> '_prisma_migrations'
        and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      group by c.relname order by c.relname`,
  );
  return rows;
}

const target = ({ name, columns }: Table) =>
  `public.${escapeIdentifier(name)} (${columns.map(escapeIdentifier).join(", ")})`;

/** The rows of a table as COPY text, in the order in which they lie there. */
export const rowsOf = (client: Client, table: Table): AsyncIterable<Buffer> =>
  client.query(copyTo(`copy ${target(table)} to stdout`));

/** SQL that takes COPY text into a table. */
export const copyInto = (table: Table): string => `copy ${target(table)} from stdin`;
