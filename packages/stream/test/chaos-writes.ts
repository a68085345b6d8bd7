import pg from "pg";

export type Dice = { (below: number): number; pick<Item>(items: readonly Item[]): Item };

/** Throws of dice from a seed; every part of a run has its own, so that what one does never depends on when another acts. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (below: number) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
  return Object.assign(next, {
    pick<Item>(items: readonly Item[]): Item {
      const item = items[next(items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  });
}

/** Tables of a run. `id`, `n` and the keys stay; every other column may come, go, and change its name or type. */
export const chaosTables = [
  { name: "item", columns: "id int primary key, n int not null default 0, word text" },
  { name: "pair", columns: "a int, b int, n int, word text, primary key (a, b)" },
  { name: "other", columns: "id int primary key, n int, day date" },
];

const rowSql: ((d: Dice) => string)[] = [
  (d) =>
    `insert into item (id, n) select g, ${d(100)} from generate_series(${d(5_000)}, ${d(5_000)}) g on conflict (id) do update set n = item.n + 1`,
  (d) => `insert into item (id, n) values (${d(5_000)}, ${d(100)}) on conflict (id) do update set n = item.n + 1`,
  (d) => `update item set n = n + 1 where id % 40 = ${d(40)}`,
  (d) => `delete from item where id between ${d(5_000)} and ${d(5_000)} and id % 3 = ${d(3)}`,
  (d) =>
    `insert into pair (a, b, n) values (${d(60)}, ${d(60)}, ${d(9)}) on conflict (a, b) do update set n = excluded.n`,
  (d) => `update pair set b = b + 60 where a = ${d(60)} and b < 60`,
  (d) => `update pair set a = ${d(60)} where a = ${d(60)} and b = ${d(120)}`,
  (d) => `delete from pair where a = ${d(60)}`,
  (d) =>
    `insert into other (id, n, day) values (${d(300)}, ${d(9)}, '2026-01-01'::date + ${d(300)}) on conflict (id) do update set n = excluded.n, day = excluded.day`,
  (d) => `delete from other where id = ${d(300)}`,
  (d) => (d(8) === 0 ? "truncate other" : `update other set n = n + 1 where id < ${d(300)}`),
  (d) =>
    d(20) === 0
      ? `insert into item (id, n) select g, 1 from generate_series(100000, ${110_000 + d(10_000)}) g on conflict (id) do update set n = item.n + 1`
      : "select 1",
  (d) => (d(20) === 0 ? "delete from item where id >= 100000" : "select 1"),
];

/** Changes of shape. Each looks at the columns as they are and answers its statements; none when there is nothing to change. */
type Change = (d: Dice, client: pg.Client) => Promise<string[]>;

const loose = async (client: pg.Client, table: string) =>
  (
    await client.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attname not in ('id', 'n', 'a', 'b', 'day') order by attnum`,
      [table],
    )
  ).rows;

const shapes: Record<string, Change> = {
  add: async (d, client) => {
    const table = d.pick(chaosTables).name;
    if ((await loose(client, table)).length > 4) return [];
    const name = `c${d(6)}`;
    const type = d.pick([
      "int",
      "int default 7",
      "int not null default 9",
      "text",
      "bigint",
      "uuid default gen_random_uuid()",
    ]);
    const plain = type === "text" ? [`alter table ${table} alter column ${name} set storage plain`] : [];
    return [`alter table ${table} add column ${name} ${type}`, ...plain];
  },
  drop: async (d, client) => {
    const table = d.pick(chaosTables).name;
    const columns = await loose(client, table);
    return columns.length > 0 ? [`alter table ${table} drop column ${d.pick(columns).name}`] : [];
  },
  rename: async (d, client) => {
    const table = d.pick(chaosTables).name;
    const columns = await loose(client, table);
    return columns.length > 0 ? [`alter table ${table} rename column ${d.pick(columns).name} to c${d(6)}`] : [];
  },
  exchange: async (d, client) => {
    const table = d.pick(chaosTables).name;
    const columns = (await loose(client, table)).filter(({ type }) => type === "integer");
    const [one, two] = columns;
    if (!one || !two) return [];
    return [
      `alter table ${table} rename column ${one.name} to swapping`,
      `alter table ${table} rename column ${two.name} to ${one.name}`,
      `alter table ${table} rename column swapping to ${two.name}`,
    ];
  },
  retype: async (d, client) => {
    const table = d.pick(chaosTables).name;
    const column = (await loose(client, table)).find(({ type }) => type === "integer");
    if (!column) return [];
    return d(2) === 0
      ? [`alter table ${table} alter column ${column.name} type bigint`]
      : [`alter table ${table} alter column ${column.name} type int using ${column.name} + 1`];
  },
  require: async (d, client) => {
    const table = d.pick(chaosTables).name;
    const column = (await loose(client, table)).find(({ type }) => type === "integer");
    if (!column) return [];
    return [
      `update ${table} set ${column.name} = 0 where ${column.name} is null`,
      `alter table ${table} alter column ${column.name} set not null`,
      `alter table ${table} alter column ${column.name} set default 3`,
    ];
  },
  late: async (d, client) => {
    const name = `late_${d(1_000_000)}`;
    const { rows } = await client.query("select 1 from pg_tables where tablename like 'late\\_%'");
    if (rows.length >= 4) return [];
    return [
      `create table ${name} (id int primary key, n int)`,
      `grant select on ${name} to xf_stream`,
      `insert into ${name} select g, g from generate_series(1, ${1 + d(3_000)}) g`,
      `alter publication xianfeng_cdc add table ${name}`,
      `insert into ${name} select g, g from generate_series(5000, 5010) g`,
    ];
  },
  leave: async (d) => {
    const table = d.pick(["pair", "other"]);
    return [
      `alter publication xianfeng_cdc drop table ${table}`,
      `delete from ${table} where n % 3 = ${d(3)}`,
      `alter publication xianfeng_cdc add table ${table}`,
    ];
  },
  vacuum: async (d) => [`vacuum full ${d.pick(chaosTables).name}`],
};

export type Writing = { transactions: number; shapes: number; refused: number; stop(): Promise<void> };

/**
 * Writes at random until it is stopped: transactions of one to six statements, one in eight rolled back, and now and then a change of
 * shape. What PostgreSQL refuses is rolled back; when it is away the writer comes back with it.
 * @param changeShapes one transaction in so many changes a shape; 0 for none
 */
export function startWriting(options: {
  url: string;
  seed: number;
  changeShapes: number;
  log(line: string): void;
}): Writing {
  const d = dice(options.seed);
  let on = true;
  const told = { transactions: 0, shapes: 0, refused: 0 };
  const connect = async () => {
    for (;;) {
      const client = new pg.Client({ connectionString: options.url });
      client.on("error", () => undefined);
      try {
        await client.connect();
        // Two writers that wait for each other are ended by PostgreSQL; neither may wait for ever.
        await client.query("set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '60s'");
        return client;
      } catch {
        await client.end().catch(() => undefined);
        await new Promise((wake) => setTimeout(wake, 100));
      }
    }
  };
  const transaction = async (client: pg.Client): Promise<void> => {
    const kind = options.changeShapes > 0 && d(options.changeShapes) === 0 ? d.pick(Object.keys(shapes)) : undefined;
    if (kind === undefined) {
      const steps = Array.from({ length: 1 + d(6) }, () => d.pick(rowSql)(d));
      const end = d(8) === 0 ? "rollback" : "commit";
      await client.query("begin");
      for (const sql of steps) await client.query(sql);
      await client.query(end);
      told.transactions += 1;
      return;
    }
    const statements = (await shapes[kind]?.(d, client)) ?? [];
    if (statements.length === 0) return;
    const alone = kind === "vacuum" || kind === "leave";
    if (!alone) await client.query("begin");
    for (const sql of statements) await client.query(sql);
    if (!alone) await client.query("commit");
    told.shapes += 1;
    options.log(`shape: ${statements.join("; ")}`);
  };
  const done = (async () => {
    let client = await connect();
    while (on) {
      try {
        await transaction(client);
      } catch (error) {
        told.refused += 1;
        const isAway =
          !/^[0-9A-Z]{5}$/.test(String((error as { code?: string }).code)) ||
          String((error as { code?: string }).code).startsWith("57P");
        if (
          isAway ||
          (await client.query("rollback").then(
            () => false,
            () => true,
          ))
        ) {
          await client.end().catch(() => undefined);
          if (on) client = await connect();
        }
      }
      await new Promise((wake) => setTimeout(wake, d(20)));
    }
    await client.end().catch(() => undefined);
  })();
  return {
    get transactions() {
      return told.transactions;
    },
    get shapes() {
      return told.shapes;
    },
    get refused() {
      return told.refused;
    },
    async stop() {
      on = false;
      await done;
    },
  };
}
