import { createHash, type Hash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PersonalKeys } from "@xianfeng/db";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { tableOrder } from "./ledger.ts";
import { asOwner } from "./load.ts";
import { copyRows } from "./rows.ts";
import { liftKeys } from "./scale-guards.ts";
import { type ScaleTable, tablesOf } from "./scale-tables.ts";
import { drawTenant } from "./scale-tenant.ts";

export type ScaleOptions = {
  members: number;
  keys: PersonalKeys;
  seed?: number;
  /** Members of a tenant: by default 20,000, a large university or a county; 200 such tenants are a province. */
  tenantMembers?: number;
  password?: string;
  /** Told from time to time how far it has come. */
  onProgress?: (progress: ScaleProgress) => void;
};

export type ScaleProgress = { members: number; of: number; rows: number; seconds: number };

export type ScaleResult = {
  seed: number;
  members: number;
  tenants: number;
  organisations: number;
  rows: number;
  /** Rows of each table. */
  tables: Record<string, number>;
  /** Of the large tables as they were written, but for what is made with the keys of the installation. */
  fingerprint: string;
  /** Making and copying rows, and making keys and indexes and checking them. */
  seconds: { copy: number; keys: number };
  accounts: string[];
  password: string;
};

/** The large tables; all others are small. */
export const scaleTables = [
  "person",
  "person_private",
  "membership",
  "person_status",
  "meeting",
  "meeting_body",
  "attendance",
  "obligation",
] as const;

/**
 * Fills a fresh database with so many members in tenants, organisations and two years of meetings (about 30 attendance rows a member), in
 * one transaction by COPY. Checks and triggers work all the time; keys and indexes are made at the end, over all rows, before anything is
 * committed. The same seed gives the same rows everywhere.
 * @throws Error when there is a tenant already
 */
export async function seedScale(ownerUrl: string, options: ScaleOptions): Promise<ScaleResult> {
  const { members, keys, seed = 20_261_122, tenantMembers = 20_000 } = options;
  const password = options.password ?? "scale-of-a-province-2026";
  return asOwner(ownerUrl, async (client) => {
    const found = await client.query("SELECT 1 FROM tenant LIMIT 1");
    if (found.rowCount !== 0)
      throw new Error(
        "数据库里已有数据，规模数据只能装入空库 (scale data go into an empty database only). 请新建数据库，或运行 npm run reset。",
      );
    await client.query("BEGIN");
    try {
      const began = performance.now();
      const putBack = await liftKeys(client, scaleTables);
      const written = new Written(members, began, options.onProgress);
      const accounts: string[] = [];
      for (let done = 0, tenantId = 1; done < members; tenantId++) {
        const size = Math.min(tenantMembers, members - done);
        const plan = { seed, tenantId, firstOrgId: written.organisations + 1, members: size, keys, password };
        const tenant = await drawTenant(plan);
        const tables = tablesOf(tenant, keys);
        for (const name of tableOrder) {
          const large = tables.find((table) => table.name === name);
          if (large) await copyLines(client, large, written);
          else written.count(name, await copyRows(client, name, tenant.ledger.rows.get(name) ?? []));
        }
        accounts.push(tenant.account.username);
        done += size;
        written.members = done;
        written.tell();
      }
      await client.query(
        "SELECT setval('tenant_id_seq', (SELECT max(id) FROM tenant)), setval('party_org_id_seq', (SELECT max(id) FROM party_org))",
      );
      const copied = performance.now();
      await putBack();
      await client.query("COMMIT");
      await client.query("ANALYZE");
      const seconds = { copy: (copied - began) / 1000, keys: (performance.now() - copied) / 1000 };
      return { seed, members, tenants: accounts.length, ...written.result(), seconds, accounts, password };
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    }
  });
}

/** Counts, fingerprints and progress of what has been written. */
class Written {
  members = 0;
  readonly #of: number;
  readonly #began: number;
  readonly #onProgress: ScaleOptions["onProgress"];
  readonly #tables: Record<string, number> = {};
  readonly #hashes = new Map<string, Hash>();
  #rows = 0;
  #toldAt = 0;

  constructor(of: number, began: number, onProgress: ScaleOptions["onProgress"]) {
    this.#of = of;
    this.#began = began;
    this.#onProgress = onProgress;
  }

  get organisations(): number {
    return this.#tables.party_org ?? 0;
  }

  hash(table: string): Hash {
    const hash = this.#hashes.get(table) ?? createHash("sha256");
    this.#hashes.set(table, hash);
    return hash;
  }

  count(table: string, rows: number): void {
    this.#rows += rows;
    this.#tables[table] = (this.#tables[table] ?? 0) + rows;
    if (performance.now() - this.#toldAt > 5_000) this.tell();
  }

  tell(): void {
    this.#toldAt = performance.now();
    const seconds = (this.#toldAt - this.#began) / 1000;
    this.#onProgress?.({ members: this.members, of: this.#of, rows: this.#rows, seconds });
  }

  result() {
    const digests = [...this.#hashes].sort().map(([table, hash]) => `${table} ${hash.digest("hex")}`);
    const fingerprint = createHash("sha256").update(digests.join("\n")).digest("hex");
    const tables = Object.fromEntries(Object.entries(this.#tables).filter(([, rows]) => rows > 0));
    return { organisations: this.organisations, rows: this.#rows, tables, fingerprint };
  }
}

async function copyLines(client: pg.Client, table: ScaleTable, written: Written): Promise<void> {
  const hash = written.hash(table.name);
  function* chunks() {
    let text = "";
    let rows = 0;
    for (const line of table.lines()) {
      text += line;
      rows += 1;
      // What is encrypted or hashed with a key comes last: it is another text each time, and with each key.
      if (table.name === "person_private") hash.update(line.slice(0, line.indexOf("Z\t\\\\x")));
      if (text.length < 65_536) continue;
      const chunk = Buffer.from(text);
      if (table.name !== "person_private") hash.update(chunk);
      written.count(table.name, rows);
      yield chunk;
      text = "";
      rows = 0;
    }
    const chunk = Buffer.from(text);
    if (table.name !== "person_private") hash.update(chunk);
    written.count(table.name, rows);
    if (chunk.length > 0) yield chunk;
  }
  const target = client.query(copyFrom(`COPY ${table.name} (${table.columns}) FROM STDIN`));
  await pipeline(Readable.from(chunks()), target);
}
