/** Header with the key that whoever asks something of the stream must know: a loopback port is open to every account of the machine. */
export const controlHeader = "x-xianfeng-control";

/** Rows of one table that were set aside for the same reason. Holds no values: they may be what is wrong. */
export type LetterGroup = {
  table: string;
  /** ClickHouse's error number; 0 when the stream itself kept back what ClickHouse would have changed in silence. */
  code: number;
  reason: string;
  count: number;
  /** Of these, rows whose content is no longer kept: only copying the table anew helps. */
  emptied: number;
  first: string;
  last: string;
  /** Keys of some of them, as far as they are plain ids. */
  keys: string[];
};

/**
 * What a person may ask of a running stream. replay: rows that were set aside, tried again as they were; repair: these rows read again
 * from PostgreSQL; resync: one table copied anew; rebuild: all of them.
 */
export const operationKinds = ["replay", "repair", "resync", "rebuild"] as const;
export type OperationKind = (typeof operationKinds)[number];

export type Operation = {
  id: string;
  kind: OperationKind;
  table?: string;
  state: "waiting" | "running" | "done" | "failed";
  phase?: "waiting_for_writers" | "copying" | "catching_up" | "exchanging" | "landing";
  askedAt: string;
  startedAt?: string;
  endedAt?: string;
  /** How often it began again because the stream's session ended under it. */
  interrupted: number;
  /** Of resync and rebuild: rows copied so far, and about how many there are. */
  tables: { table: string; rows: number; about: number; isWhole: boolean }[];
  /** Of replay and repair: rows that are in ClickHouse now, and rows that are still set aside. */
  landed: number;
  left: number;
  error?: string;
};
