/** The publication and the replication slot have one name everywhere. */
export const publicationName = "xianfeng_cdc";
export const slotName = "xianfeng_cdc";

/** Columns of `raw._applied`, for the DDL, the generated staging view and its description. */
export const appliedColumns = [
  {
    name: "as_of",
    type: "DateTime64(3, 'UTC')",
    about: "commit time of the newest PostgreSQL transaction whose rows have all landed",
  },
  { name: "as_of_lsn", type: "UInt64", about: "end of that transaction in the write-ahead log" },
  { name: "as_of_lsn_text", type: "String", about: "the same as PostgreSQL prints it, e.g. 0/16B3748" },
  {
    name: "checked_at",
    type: "DateTime64(3, 'UTC')",
    about: "when the stream last knew that nothing was missing up to checked_lsn",
  },
  {
    name: "checked_lsn",
    type: "UInt64",
    about: "everything before this place of the log has landed; moves on a quiet database, too",
  },
  { name: "epoch", type: "UInt16", about: "grows with every recovery, so that older versions never win" },
] as const;

const columns = appliedColumns.map(({ name, type }) => `${name} ${type}`).join(", ");
const durable = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1";

/**
 * Tables of the stream itself. `_applied` holds one row, written after all rows of a batch. `_source` says which server, slot and history
 * the data came from, `_copied` which tables have had their first copy, `_dead_letter` which rows ClickHouse refused; what they held goes
 * after 30 days.
 */
export const controlTablesSql: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS raw._applied (id UInt8, ${columns}, _version UInt128)
   ENGINE = ReplacingMergeTree(_version) ORDER BY id ${durable}`,
  `CREATE TABLE IF NOT EXISTS raw._source (id UInt8, epoch UInt16, system_identifier String, timeline UInt32, database String,
     slot String, slot_lsn UInt64, _version UInt64)
   ENGINE = ReplacingMergeTree(_version) ORDER BY id ${durable}`,
  `CREATE TABLE IF NOT EXISTS raw._copied (\`table\` String, epoch UInt16, relation UInt32, membership UInt32, copied_lsn UInt64,
     \`rows\` UInt64, state String, _version UInt64)
   ENGINE = ReplacingMergeTree(_version) ORDER BY \`table\` ${durable}`,
  `CREATE TABLE IF NOT EXISTS raw._dead_letter (\`table\` String, commit_lsn UInt64, ordinal UInt32, epoch UInt16, code Int32,
     set_aside_at DateTime('UTC'), error String TTL set_aside_at + INTERVAL 30 DAY, payload String TTL set_aside_at + INTERVAL 30 DAY)
   ENGINE = ReplacingMergeTree(set_aside_at) ORDER BY (\`table\`, epoch, commit_lsn, ordinal) ${durable}`,
  "ALTER TABLE raw._copied ADD COLUMN IF NOT EXISTS shape String",
  "ALTER TABLE raw._dead_letter ADD COLUMN IF NOT EXISTS columns Array(String)",
];
