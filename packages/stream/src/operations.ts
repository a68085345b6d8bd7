import type { Log } from "@xianfeng/service";
import type { LetterGroup, Operation, OperationKind } from "@xianfeng/service/stream-page";
import { atNewPlace, type CopyProgress, copyTables, type Flowing } from "./copier.ts";
import { messageOf } from "./errors.ts";
import { listLetters, repairLetters, replayLetters, tablesWithLetters } from "./letters.ts";
import { pause } from "./sink.ts";

/** Why something that was asked for cannot be begun. */
export class OperationRefused extends Error {
  override name = "OperationRefused";
}

const mostKept = 20;
const mostInterruptions = 3;

/**
 * Does what is asked of it, one after the other, on the session that is flowing, so that nobody else writes into `raw`. What a lost
 * session interrupts begins again on the next one; what the end of the process interrupts is forgotten, and has changed nothing.
 */
export class Operations {
  readonly #log: Log;
  readonly #onDone: (tables: string[]) => void;
  #list: Operation[] = [];
  #flow: Flowing | undefined;
  #wake: () => void = () => undefined;

  /** @param onDone called with the tables whose rows have changed without a commit */
  constructor(log: Log, onDone: (tables: string[]) => void) {
    this.#log = log;
    this.#onDone = onDone;
  }

  /** The newest first. */
  list(): readonly Operation[] {
    return this.#list;
  }

  /** What was set aside, by table and reason. @throws OperationRefused while nothing flows */
  async letters(): Promise<LetterGroup[]> {
    const { clickhouse, tables } = this.#flowing();
    return listLetters(clickhouse, tables);
  }

  /**
   * Takes something on; the same id again is the same operation.
   * @throws OperationRefused when it cannot be begun now
   */
  ask({ id, kind, table }: { id: string; kind: OperationKind; table?: string }): Operation {
    const known = this.#list.find((operation) => operation.id === id);
    if (known) return known;
    const { tables } = this.#flowing();
    if (kind === "resync" && !table) throw new OperationRefused("name the table");
    if (kind === "rebuild" && table) throw new OperationRefused("a rebuild is of all tables");
    if (table !== undefined && !tables.has(table)) throw new OperationRefused(`${table} is not a published table`);
    const same = this.#list.find((one) => isOpen(one) && one.kind === kind && one.table === table);
    if (same) return same;
    const operation: Operation = {
      id,
      kind,
      table,
      state: "waiting",
      askedAt: new Date().toISOString(),
      interrupted: 0,
      tables: [],
      landed: 0,
      left: 0,
    };
    const finished = this.#list.filter((one) => !isOpen(one)).slice(0, mostKept);
    this.#list = [operation, ...this.#list.filter((one) => isOpen(one) || finished.includes(one))];
    this.#wake();
    return operation;
  }

  /** Works for as long as the session flows. Never fails. */
  async work(flow: Flowing): Promise<void> {
    const { signal } = flow;
    this.#flow = flow;
    while (!signal.aborted) {
      const next = this.#list.findLast((operation) => operation.state === "waiting");
      // Another copy has its own targets; two at once would take them from each other.
      if (next && flow.status.copying.length === 0) await this.#run(next, flow);
      else await this.#asked(signal, next ? 200 : 60_000);
    }
    if (this.#flow === flow) this.#flow = undefined;
  }

  #flowing(): Flowing {
    if (!this.#flow || this.#flow.signal.aborted) throw new OperationRefused("the stream is not flowing");
    return this.#flow;
  }

  async #asked(signal: AbortSignal, ms: number): Promise<void> {
    const asked = new AbortController();
    this.#wake = () => asked.abort();
    await pause(ms, AbortSignal.any([signal, asked.signal]));
  }

  async #run(operation: Operation, flow: Flowing): Promise<void> {
    const { kind, table } = operation;
    Object.assign(operation, { state: "running", startedAt: new Date().toISOString(), landed: 0, left: 0, tables: [] });
    this.#log("info", "operation began", { kind, table });
    try {
      const tables = await (kind === "replay" || kind === "repair" ? mend(operation, flow) : copy(operation, flow));
      Object.assign(operation, { state: "done", phase: undefined });
      this.#log("info", "operation done", { kind, table, landed: operation.landed, left: operation.left });
      this.#onDone(tables);
    } catch (error) {
      // What ended the session shows there a moment later.
      await pause(1_000, flow.signal);
      if (flow.signal.aborted && operation.interrupted < mostInterruptions) {
        operation.interrupted += 1;
        operation.state = "waiting";
        return;
      }
      Object.assign(operation, { state: "failed", error: messageOf(error).slice(0, 300) });
      this.#log("warn", "operation failed", { kind, table, message: operation.error });
    }
    operation.endedAt = new Date().toISOString();
  }
}

const isOpen = ({ state }: Operation) => state === "waiting" || state === "running";

async function mend(operation: Operation, flow: Flowing): Promise<string[]> {
  const names = operation.table ? [operation.table] : await tablesWithLetters(flow.clickhouse);
  const side = { ...flow, report: () => undefined };
  let tables: string[] = [];
  for (const name of names) {
    const before = { landed: operation.landed, left: operation.left };
    const report = (mended: { landed: number; left: number }) => {
      operation.landed = before.landed + mended.landed;
      operation.left = before.left + mended.left;
    };
    if (operation.kind === "replay") {
      operation.phase = "landing";
      await replayLetters({ ...side, report }, [name]);
    } else {
      operation.phase = "waiting_for_writers";
      await atNewPlace(flow, (client, lsn) => {
        operation.phase = "landing";
        return repairLetters({ ...side, report }, [name], { client, lsn });
      });
    }
    if (operation.landed > before.landed) tables = [...tables, name];
  }
  flow.status.refused = await flow.store.deadLetters();
  return tables;
}

async function copy(operation: Operation, flow: Flowing): Promise<string[]> {
  const tables = [...flow.tables.values()].filter(({ name }) => !operation.table || name === operation.table);
  operation.tables = tables.map(({ name }) => ({ table: name, rows: 0, about: 0, isWhole: false }));
  const rowOf = (name: string) => operation.tables.find((one) => one.table === name);
  const progress: CopyProgress = {
    about: (name, rows) => Object.assign(rowOf(name) ?? {}, { about: rows }),
    copied: (name, rows, isWhole) => Object.assign(rowOf(name) ?? {}, { rows, isWhole }),
    phase: (phase) => {
      operation.phase = phase;
    },
  };
  await copyTables(flow, tables, { lane: flow.lane, progress });
  return tables.map(({ name }) => name);
}
