import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { poll } from "./poll.ts";

const states = ["on_time", "late", "leave", "absent"] as const;
type Attendance = { state: string; correctedAt: number };

/**
 * Corrects and adds attendance of one tenant without rest, through every loss of the server, and knows what was committed. Each
 * transaction carries a `corrected_at` of its own, so that one whose answer was lost can be told from one that never was.
 */
export class Writer {
  /** What must be there, by attendance id. */
  readonly committed = new Map<string, Attendance>();
  transactions = 0;
  reconnects = 0;
  /** Transactions whose COMMIT was asked for and never answered. */
  inDoubt = 0;
  readonly #url: string;
  readonly #tenantId: number;
  readonly #next: (below: number) => number;
  #client: pg.Client | undefined;
  #ids: string[] = [];
  #stamp = Date.UTC(2026, 9, 1);
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(url: string, tenantId: number, next: (below: number) => number) {
    this.#url = url;
    this.#tenantId = tenantId;
    this.#next = next;
  }

  async start(): Promise<void> {
    const client = await this.#connected();
    const { rows } = await client.query<{ id: string }>("SELECT id FROM attendance WHERE tenant_id = $1 ORDER BY id", [
      this.#tenantId,
    ]);
    this.#ids = rows.map((row) => row.id);
    this.#running = this.#run();
    // Whoever waits for `stop` hears of it; until then it must not end the process.
    this.#running.catch(() => undefined);
  }

  /** @throws what the writer could not understand, e.g. half a transaction */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    await this.#client?.end().catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#transaction();
      await pause(this.#next(20));
    }
  }

  async #transaction(): Promise<void> {
    this.#stamp += 1;
    const correctedAt = this.#stamp;
    const state = states[this.#next(states.length)] ?? "late";
    const changed = Array.from(
      { length: 20 + this.#next(150) },
      () => this.#ids[this.#next(this.#ids.length)] ?? "",
    ).filter((id, place, all) => id !== "" && all.indexOf(id) === place);
    let asked = false;
    const ids = [...changed];
    try {
      const client = await this.#connected();
      await client.query("BEGIN");
      await client.query(
        "UPDATE attendance SET state = $3, corrected_at = to_timestamp($4 / 1000.0), updated_at = now() WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        [this.#tenantId, changed, state, correctedAt],
      );
      const added = await client.query<{ id: string }>(
        `INSERT INTO attendance (tenant_id, meeting_id, person_id, org_id_then, identity_then, state, corrected_at)
         SELECT m.tenant_id, m.id, p.id, m.org_id, 'full_member', $2, to_timestamp($3 / 1000.0)
         FROM meeting m JOIN person p ON p.tenant_id = m.tenant_id
         WHERE m.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM attendance a WHERE a.meeting_id = m.id AND a.person_id = p.id)
         ORDER BY m.id, p.id OFFSET $4 LIMIT 1 RETURNING id`,
        [this.#tenantId, state, correctedAt, this.#next(200)],
      );
      ids.push(...added.rows.map((row) => row.id));
      if (this.#next(10) === 0) {
        await client.query("ROLLBACK");
        return;
      }
      asked = true;
      await client.query("COMMIT");
      this.#remember(ids, { state, correctedAt });
    } catch (error) {
      if (error instanceof pg.DatabaseError && !/^(57P0|08|53|58)/.test(error.code ?? "")) throw error;
      this.#client = undefined;
      if (asked) this.inDoubt += 1;
      if (await this.#isThere(correctedAt, ids)) this.#remember(ids, { state, correctedAt });
    }
  }

  #remember(ids: readonly string[], attendance: Attendance): void {
    this.transactions += 1;
    for (const id of ids) {
      if (!this.committed.has(id) && !this.#ids.includes(id)) this.#ids.push(id);
      this.committed.set(id, attendance);
    }
  }

  /** A transaction is there whole or not at all. */
  async #isThere(correctedAt: number, ids: readonly string[]): Promise<boolean> {
    return poll("the database to answer the writer", 600_000, async () => {
      const client = await this.#connected();
      const found = await client.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM attendance WHERE tenant_id = $1 AND corrected_at = to_timestamp($2 / 1000.0)",
        [this.#tenantId, correctedAt],
      );
      return { n: found.rows[0]?.n ?? 0 };
    }).then(({ n }) => {
      if (n !== 0 && n !== ids.length) throw new Error(`half a transaction: ${n} of ${ids.length} rows`);
      return n > 0;
    });
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({ connectionString: this.#url, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {
      if (this.#client === client) this.#client = undefined;
    });
    await client.connect();
    if (this.transactions > 0) this.reconnects += 1;
    this.#client = client;
    return client;
  }
}
