import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expressionSettings } from "./functions.ts";
import type { EngineOptions } from "./options.ts";

const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * Settings that name a file or an address, hold SQL, or change how SQL is read: the engine refuses other values than its own,
 * from a URL, a SET and a SETTINGS clause alike.
 */
export const lockedSettings = [
  "format_schema",
  "format_schema_source",
  "format_template_row",
  "format_template_resultset",
  "format_avro_schema_registry_url",
  "output_format_schema",
  "input_format_record_errors_file_path",
  "rename_files_after_processing",
  "into_outfile_create_parent_directories",
  "engine_file_truncate_on_insert",
  "allow_introspection_functions",
  "implicit_select",
  "allow_archive_path_syntax",
  "dialect",
  "polyglot_dialect",
  "allow_experimental_eval_table_function",
  "parallel_replicas_custom_key",
  "cluster_for_parallel_replicas",
  "implicit_table_at_top_level",
  "url_base",
  "ai_function_text_default_credentials",
  "ai_function_embedding_default_credentials",
] as const;

/** Role of the endpoint's own queries. It has no sources either: views with a definer run with every role of the one user. */
export const endpointRole = "endpoint";

function usersXml(options: EngineOptions): string {
  const role = (name: string, grants: readonly string[]) =>
    `<${name}><grants>${grants.map((grant) => `<query>GRANT ${xml(grant)}</query>`).join("")}</grants></${name}>`;
  const topMemory = Math.max(...options.users.map((user) => user.limits.memory));
  const topSeconds = Math.max(...options.users.map((user) => user.limits.seconds));
  const locked = lockedSettings.map((name) => `<${name}><const/></${name}>`).join("");
  const roles = [
    role(endpointRole, [
      ...options.databases.map((database) => `CREATE DATABASE, SHOW ON ${database}.*`),
      "SHOW DATABASES ON *.*",
      "SELECT ON system.*",
      "CREATE TABLE, INSERT ON system.query_log",
    ]),
    // Clients that name no database name `default`; it is empty, and nothing in it is granted.
    ...options.users.map((user) => role(user.name, [...user.grants, "SHOW DATABASES ON default.*"])),
  ];
  const names = [endpointRole, ...options.users.map((user) => user.name)].join(", ");
  return `<clickhouse>
<profiles><default>
  <async_insert>0</async_insert>
  <wait_for_async_insert>1</wait_for_async_insert>
  ${expressionSettings.map((name) => `<${name}>0</${name}>`).join("\n  ")}
  <implicit_select>0</implicit_select>
  <allow_introspection_functions>0</allow_introspection_functions>
  <constraints>
    <max_memory_usage><min>1</min><max>${topMemory}</max></max_memory_usage>
    <max_memory_usage_for_user><const/></max_memory_usage_for_user>
    <max_execution_time><min>0.001</min><max>${topSeconds}</max></max_execution_time>
    <max_threads><max>64</max></max_threads>
    <max_untracked_memory><max>16777216</max></max_untracked_memory>
    ${locked}
  </constraints>
</default></profiles>
<quotas><default/></quotas>
<roles>${roles.join("\n")}</roles>
<users><default>
  <password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
  <grants><query>GRANT ${names}</query></grants>
</default></users>
</clickhouse>`;
}

const configXml = (options: EngineOptions, usersPath: string) => `<clickhouse>
<user_directories><users_xml><path>${xml(usersPath)}</path></users_xml></user_directories>
<max_server_memory_usage>${options.memory}</max_server_memory_usage>
<mark_cache_size>268435456</mark_cache_size>
<uncompressed_cache_size>0</uncompressed_cache_size>
<index_mark_cache_size>67108864</index_mark_cache_size>
<primary_index_cache_size>134217728</primary_index_cache_size>
<vector_similarity_index_cache_size>16777216</vector_similarity_index_cache_size>
<query_condition_cache_size>16777216</query_condition_cache_size>
<merge_tree><fsync_after_insert>1</fsync_after_insert></merge_tree>
</clickhouse>`;

/** Writes the engine's configuration (no secrets: passwords are checked by the endpoint) and answers its path. */
export function writeConfig(options: EngineOptions, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const usersPath = join(folder, "users.xml");
  const configPath = join(folder, "config.xml");
  writeFileSync(usersPath, usersXml(options));
  writeFileSync(configPath, configXml(options, usersPath));
  return configPath;
}
