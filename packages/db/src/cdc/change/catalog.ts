import { publicationName, type Queryable } from "@xianfeng/clickhouse/landing";

/** A column as the catalog has it. `number` stays when the name changes. */
export type CatalogColumn = {
  number: number;
  name: string;
  type: string;
  isEnum: boolean;
  /** Of variable length and not STORAGE PLAIN: PostgreSQL may keep a value outside of the row. */
  mayLeaveRow: boolean;
  notNull: boolean;
  /** Has a default, counts by itself or is computed. */
  fillsItself: boolean;
  defaultSql: string | null;
  comment: string | null;
};

/** A table as the catalog has it. `id` stays when the name changes, `file` when its rows do. */
export type CatalogTable = {
  id: number;
  name: string;
  file: number;
  replicaIdentity: string;
  key: string[];
  comment: string | null;
  /** Its entry in the publication, with a row filter or a list of columns if it has one; null when it is not published. */
  membership: { id: number; narrowed: boolean } | null;
  columns: CatalogColumn[];
};

export type Catalog = { tables: CatalogTable[]; publication: string | null };

const tablesSql = `
  select coalesce(json_agg(json_build_object(
    'id', c.oid::int8, 'name', c.relname, 'file', c.relfilenode::int8, 'replicaIdentity', c.relreplident,
    'comment', obj_description(c.oid, 'pg_class'),
    'key', (select coalesce(json_agg(a.attname order by k.at), '[]') from pg_index i, unnest(i.indkey::int2[]) with ordinality k(number, at), pg_attribute a
            where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.number),
    'membership', (select json_build_object('id', r.oid::int8, 'narrowed', r.prqual is not null or r.prattrs is not null)
                   from pg_publication_rel r join pg_publication p on p.oid = r.prpubid where r.prrelid = c.oid and p.pubname = $1),
    'columns', (select coalesce(json_agg(json_build_object(
        'number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'isEnum', t.typtype = 'e',
        'mayLeaveRow', t.typlen = -1 and a.attstorage <> 'p' and a.attgenerated = '', 'notNull', a.attnotnull,
        'fillsItself', a.atthasdef or a.attidentity <> '', 'defaultSql', pg_get_expr(d.adbin, d.adrelid),
        'comment', col_description(c.oid, a.attnum)) order by a.attnum), '[]')
      from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)) order by c.relname), '[]') as tables
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> '_prisma_migrations'`;

const publicationSql = `
  select concat_ws('/', puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot,
    (select count(*) from pg_publication_namespace where pnpubid = p.oid)) as settings
  from pg_publication p where pubname = $1`;

/** What a publication says of itself when it lists its tables and leaves nothing out. */
export const wholePublication = "f/t/t/t/t/t/0";

/** Every table of schema `public` and the publication, as they are now. */
export async function readCatalog(database: Queryable): Promise<Catalog> {
  const tables = await database.query(tablesSql, [publicationName]);
  const publication = await database.query(publicationSql, [publicationName]);
  return {
    tables: (tables.rows[0] as { tables: CatalogTable[] }).tables,
    publication: (publication.rows[0] as { settings: string } | undefined)?.settings ?? null,
  };
}

// A column leaves in two deployments. Between them it is marked in the catalog, so that every tool sees the same.
const retired = "xianfeng: retired";
const renamed = "xianfeng: renamed to ";

/** No process of this version names the column any more; a later migration may drop it. */
export const isRetired = (thing: { comment: string | null }): boolean => thing.comment?.startsWith(retired) ?? false;

/** The column that has taken this one's place and is kept equal to it by a trigger. */
export const renamedTo = (column: CatalogColumn): string | undefined =>
  /^xianfeng: (?:retired, )?renamed to (\w+)/.exec(column.comment ?? "")?.[1];

export const retiredComment = (successor: string | undefined): string =>
  successor ? `xianfeng: retired, renamed to ${successor}` : retired;
export const renamedComment = (successor: string): string => `${renamed}${successor}`;
