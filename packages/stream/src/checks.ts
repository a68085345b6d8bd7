import { publicationName, readLandingTables, slotName } from "@xianfeng/clickhouse/landing";
import type pg from "pg";
import { StopError } from "./errors.ts";
import { formatLsn, parseLsn } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import type { Shape } from "./shape.ts";
import type { SystemIdentity } from "./socket.ts";
import type { Applied, Source } from "./state.ts";

const recover = "node packages/stream/src/cli.ts recover";

type Slot = {
  plugin: string;
  database: string;
  temporary: boolean;
  wal_status: string | null;
  invalidation_reason: string | null;
  confirmed_flush_lsn: string | null;
};

/** The slot as the server sees it; undefined when there is none. */
export async function readSlot(client: pg.Client): Promise<Slot | undefined> {
  const { rows } = await client.query<Slot>(
    `select plugin, database, temporary, wal_status, invalidation_reason, confirmed_flush_lsn::text
     from pg_replication_slots where slot_name = $1`,
    [slotName],
  );
  return rows[0];
}

/** The role must be able to replicate, and to see every row: row security would make a first copy of nothing, without an error. */
export async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ level: string; replication: boolean; all_rows: boolean; role: string }>(
    `select current_setting('wal_level') as level, rolreplication or rolsuper as replication, rolbypassrls or rolsuper as all_rows, rolname as role
     from pg_roles where rolname = current_user`,
  );
  const row = rows[0];
  if (row?.level !== "logical") {
    throw new StopError(
      "wal_level",
      "wal_level is not logical. Mend: ALTER SYSTEM SET wal_level = logical; then restart PostgreSQL.",
    );
  }
  if (!row.replication || !row.all_rows) {
    throw new StopError(
      "role",
      `The role ${row.role} lacks rights. Mend: ALTER ROLE "${row.role}" REPLICATION BYPASSRLS;`,
    );
  }
}

/** Refuses to go on where rows would be missing in silence: another server, another history, a slot that is gone or not ours. */
export function checkHistory(
  identity: SystemIdentity,
  slot: Slot | undefined,
  source: Source | undefined,
  applied: Applied | undefined,
): void {
  if (slot && (slot.plugin !== "pgoutput" || slot.database !== identity.database || slot.temporary)) {
    throw new StopError(
      "foreign_slot",
      `The slot ${slotName} belongs to something else (plugin ${slot.plugin}, database ${slot.database}). Mend: drop or rename it there, then ${recover}.`,
    );
  }
  if (slot && (slot.wal_status === "lost" || slot.invalidation_reason)) {
    throw new StopError(
      "slot_lost",
      `PostgreSQL has thrown away changes that the slot ${slotName} still needed (${slot.invalidation_reason ?? slot.wal_status}). Mend: ${recover}; it copies every table again. To keep more next time raise max_slot_wal_keep_size.`,
    );
  }
  if (!source) return;
  if (source.systemIdentifier !== identity.systemIdentifier || source.database !== identity.database) {
    throw new StopError(
      "other_server",
      `raw was filled from another server or database (${source.systemIdentifier}/${source.database}, not ${identity.systemIdentifier}/${identity.database}). Mend: connect to that one again, or, if this one has taken its place, ${recover}.`,
    );
  }
  if (source.slotLsn === 0n) return;
  if (source.timeline !== identity.timeline) {
    throw new StopError(
      "other_timeline",
      `PostgreSQL is on timeline ${identity.timeline}, raw on ${source.timeline}: it was restored or a standby was promoted. Mend: ${recover}.`,
    );
  }
  if (!slot) {
    throw new StopError(
      "slot_missing",
      `The slot ${slotName} is gone, so changes since then are unknown. Mend: ${recover}; it copies every table again.`,
    );
  }
  checkPositions(identity, slot, source, applied);
}

function checkPositions(identity: SystemIdentity, slot: Slot, source: Source, applied: Applied | undefined): void {
  const reached = applied?.epoch === source.epoch ? applied.checkedLsn : source.slotLsn;
  const confirmed = parseLsn(slot.confirmed_flush_lsn ?? "0/0");
  if (confirmed > reached) {
    throw new StopError(
      "gap",
      `The slot ${slotName} begins at ${formatLsn(confirmed)}, but raw ends at ${formatLsn(reached)}: the slot was made anew, or ClickHouse was restored from an older backup. Mend: ${recover}.`,
    );
  }
  if (identity.walLsn < reached) {
    throw new StopError(
      "older_server",
      `PostgreSQL is at ${formatLsn(identity.walLsn)}, before ${formatLsn(reached)} which raw already has: an older backup was restored. Mend: ${recover}.`,
    );
  }
}

type PublicationRow = {
  all_tables: boolean;
  complete: boolean;
  via_root: boolean;
  schemas: number;
};

type MemberRow = {
  table: string;
  schema: string;
  relation: number;
  membership: number;
  filtered: boolean;
  identity: string;
  kind: string;
  may_read: boolean;
  toast_bytes: string;
  out_of_line: string[];
  types: Record<string, string>;
  file: string;
  numbers: Shape["columns"];
  published: string;
};

/** SQL for the columns of a table as a shape remembers them. */
export const columnNumbersSql = (relation: string): string =>
  `(select jsonb_object_agg(a.attname, jsonb_build_array(a.attnum, a.xmin::text)) from pg_attribute a
    where a.attrelid = ${relation} and a.attnum > 0 and not a.attisdropped)`;

const membersSql = `
  select c.relname as "table", n.nspname as schema, c.oid::int8::float8 as relation, r.oid::int8::float8 as membership,
         r.prqual is not null or r.prattrs is not null as filtered, c.relreplident as identity, c.relkind as kind,
         has_table_privilege(c.oid, 'SELECT') as may_read,
         coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)::text as toast_bytes,
         array(select a.attname::text from pg_attribute a join pg_type t on t.oid = a.atttypid
               where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and t.typlen = -1 and a.attstorage <> 'p'
                 and a.attgenerated = '' order by a.attnum) as out_of_line,
         (select jsonb_object_agg(a.attname, a.atttypid::int8 || '/' || a.atttypmod) from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as types,
         coalesce(pg_relation_filenode(c.oid), 0)::text as file,
         ${columnNumbersSql("c.oid")} as numbers, p.oid || '/' || p.xmin as published
  from pg_publication p join pg_publication_rel r on r.prpubid = p.oid join pg_class c on c.oid = r.prrelid
       join pg_namespace n on n.oid = c.relnamespace
  where p.pubname = $1 order by r.oid`;

/**
 * The published tables, as they are now. The publication is the truth, not the generated files: a table may be published before the
 * stream is deployed anew.
 * @throws StopError with SQL that mends it when something published could not arrive exactly
 */
export async function readPublication(client: pg.Client): Promise<TableState[]> {
  const publication = await client.query<PublicationRow>(
    `select puballtables as all_tables, pubinsert and pubupdate and pubdelete and pubtruncate as complete, pubviaroot as via_root,
       (select count(*)::int from pg_publication_namespace where pnpubid = p.oid) as schemas
     from pg_publication p where pubname = $1`,
    [publicationName],
  );
  checkPublication(publication.rows[0]);
  const { rows } = await client.query<MemberRow>(membersSql, [publicationName]);
  if (rows.length === 0) {
    throw new StopError(
      "publication",
      `The publication ${publicationName} holds no table. Mend: apply the migrations.`,
    );
  }
  const problems = rows.flatMap(memberProblems);
  if (problems.length > 0)
    throw new StopError(problems[0]?.reason ?? "publication", problems.map((p) => p.text).join(" "));
  const landing = await landingOf(client, rows);
  return rows.map((row, index) => {
    const table = landing[index];
    if (!table) throw new Error(`no catalog entry for ${row.table}`);
    const types = new Map(Object.entries(row.types));
    return {
      name: row.table,
      landing: table,
      targets: [],
      relationOid: row.relation,
      membershipOid: row.membership,
      types,
      shape: { file: row.file, key: table.key, columns: row.numbers, published: row.published },
      copiedLsn: 0n,
    };
  });
}

async function landingOf(client: pg.Client, rows: readonly MemberRow[]) {
  try {
    return await readLandingTables(
      client,
      rows.map((row) => row.table),
    );
  } catch (error) {
    throw new StopError("type", `A published table cannot land exactly. ${(error as Error).message}`);
  }
}

function checkPublication(row: PublicationRow | undefined): void {
  if (!row) {
    throw new StopError("publication", `The publication ${publicationName} is missing. Mend: apply the migrations.`);
  }
  if (row.all_tables || row.schemas > 0) {
    throw new StopError(
      "publication",
      `The publication ${publicationName} must list its tables: it would publish tables that hold names. Mend: DROP PUBLICATION ${publicationName}; and apply the newest *_publication migration again.`,
    );
  }
  if (!row.complete || !row.via_root) {
    throw new StopError(
      "publication",
      `The publication ${publicationName} leaves out some changes. Mend: ALTER PUBLICATION ${publicationName} SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);`,
    );
  }
}

function memberProblems(row: MemberRow): { reason: string; text: string }[] {
  const name = `"${row.table}"`;
  const problems: { reason: string; text: string }[] = [];
  if (row.schema !== "public") {
    problems.push({
      reason: "publication",
      text: `${row.schema}.${row.table} is not in schema public. Mend: ALTER PUBLICATION ${publicationName} DROP TABLE "${row.schema}".${name};`,
    });
  }
  if (row.filtered) {
    problems.push({
      reason: "publication",
      text: `${row.table} is published with a row filter or a column list. Mend: ALTER PUBLICATION ${publicationName} DROP TABLE ${name}; ALTER PUBLICATION ${publicationName} ADD TABLE ${name};`,
    });
  }
  if (row.identity !== "d") {
    problems.push({
      reason: "replica_identity",
      text: `${row.table} has another replica identity than its primary key. Mend: ALTER TABLE ${name} REPLICA IDENTITY DEFAULT;`,
    });
  }
  if (!row.may_read) {
    problems.push({
      reason: "role",
      text: `The stream may not read ${row.table}. Mend: GRANT SELECT ON ${name} TO xf_stream;`,
    });
  }
  if (row.out_of_line.length > 0) {
    const columns = row.out_of_line.map((column) => `ALTER COLUMN "${column}" SET STORAGE PLAIN`).join(", ");
    problems.push({
      reason: "out_of_line",
      text: `${row.table} can store values out of line, which the log then leaves out. Mend: ALTER TABLE ${name} ${columns};${rewrite(row)}`,
    });
  } else if (row.toast_bytes !== "0") {
    problems.push({ reason: "out_of_line", text: `${row.table} still holds values out of line.${rewrite(row)}` });
  }
  return problems;
}

const rewrite = (row: MemberRow) =>
  row.toast_bytes === "0"
    ? ""
    : ` Then write its long values anew (UPDATE "${row.table}" SET … = … || '') and VACUUM FULL "${row.table}";`;
