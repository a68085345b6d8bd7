import type { LetterGroup as SentLetterGroup } from "@xianfeng/service/stream-page";

/** What the other processes of the platform say about themselves on their loopback pages. Present in the operational app only. */
export interface Platform {
  /** Every part asked at once, with a short patience. Never fails: who does not answer is silent. */
  look(): Promise<PlatformLook>;
  /** @throws Error when the stream does not answer or does not flow */
  letters(): Promise<LetterGroup[]>;
  operations(): Promise<Operation[]>;
  begin(asked: { id: string; kind: "replay" | "repair"; table: string }): Promise<Operation>;
}

/** `answered` = when it last did, milliseconds since 1970; null when never since this process started. */
export type PartLook<Answer> = { answer: Answer | null; answered: number | null; restarts: number };

export type PlatformLook = {
  /** Since when this process has been looking. */
  since: number;
  stream: PartLook<StreamAnswer>;
  warehouse: PartLook<MartsAnswer>;
  cube: PartLook<{ ready: boolean }>;
  insights: PartLook<{ ready: boolean }>;
  mail: PartLook<{ configured: boolean; problem: string | null }>;
  history: { at: number; lagSeconds?: number }[];
  dataDisk: { freeBytes: number; totalBytes: number } | null;
  records: {
    backup: { at: Date; file: string; tables: number; rows: number } | null;
    audit: { at: Date; fits: boolean } | null;
    reconcile: { at: Date; equal: boolean; tables: number } | null;
  };
};

export type StreamAnswer = {
  state: string;
  ready: boolean;
  reason?: string;
  message?: string;
  clickhouse: { up: boolean };
  asOf?: Date;
  copying: string[];
  paused: boolean;
  rowsPerSecond: number;
  readings: {
    lagBytes: number;
    lagSeconds?: number;
    setAside: number;
    slot?: string;
    slotSafeBytes?: number;
    slotLimitBytes?: number;
    slotKeptBytes?: number;
  };
  engineDisk?: { freeBytes: number; totalBytes: number };
};

export type MartsAnswer = {
  asOfMs?: number;
  refreshedAt?: Date;
  behindSince?: Date;
  trouble?: string;
  working?: { done: string[]; of: number };
  /** Of the last round: milliseconds, and how many parts of the table were computed. */
  tables: { name: string; ms: number; parts?: number }[];
};

export type LetterGroup = Omit<SentLetterGroup, "first" | "last"> & { first: Date; last: Date };

export type Operation = {
  id: string;
  kind: "replay" | "repair" | "resync" | "rebuild";
  table?: string;
  state: "waiting" | "running" | "done" | "failed";
  phase?: string;
  askedAt: Date;
  endedAt?: Date;
  tables: { table: string; rows: number; about: number; isWhole: boolean }[];
  landed: number;
  left: number;
};
