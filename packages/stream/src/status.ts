import { alarmsOf, type Disk, type Readings } from "@xianfeng/service/alarms";
import { formatLsn } from "./lsn.ts";

export type StreamState = "starting" | "standby" | "copying" | "streaming" | "retrying" | "stopped" | "ended";

/** What the stream knows about itself; health page, metrics and events are made from it. */
export class Status {
  state: StreamState = "starting";
  /** Why it is stopped or retrying: what is wrong and what to do. */
  message: string | undefined;
  reason: string | undefined;
  postgres: "up" | "down" = "down";
  clickhouseTrouble: string | undefined = "not asked yet";
  asOf: Date | undefined;
  asOfLsn = 0n;
  checkedAt: Date | undefined;
  /** Everything before it has landed, and has been confirmed. */
  checkedLsn = 0n;
  /** Everything before it has landed in the tables that take rows. */
  landedLsn = 0n;
  walLsn = 0n;
  caughtUp = false;
  refused = 0;
  paused = false;
  copying: string[] = [];
  slotStatus: string | undefined;
  safeWalBytes: number | undefined;
  /** What PostgreSQL keeps for the slot at most; negative when there is no limit. */
  keptWalBytes = -1;
  /** Log that PostgreSQL keeps for the slot at present. */
  retainedWalBytes: number | undefined;
  /** Changes of transactions that did not fit into PostgreSQL's memory while it decoded them, since its statistics began. */
  spilledBytes: number | undefined;
  spilledTransactions: number | undefined;
  engineDisk: Disk | undefined;
  rows = 0;
  batches = 0;
  inserts = 0;
  retries = 0;
  reconnects = 0;
  bytesRead = 0;
  lastBatchRows = 0;
  largestBatchRows = 0;

  get lagBytes(): number {
    return Number(this.walLsn > this.checkedLsn ? this.walLsn - this.checkedLsn : 0n);
  }

  /** Seconds since the stream last knew that nothing was missing; 0 while it keeps up. */
  get lagSeconds(): number | undefined {
    if (this.state === "streaming" && this.caughtUp) return 0;
    return this.checkedAt ? Math.max(0, (Date.now() - this.checkedAt.getTime()) / 1000) : undefined;
  }

  /** Said before PostgreSQL throws away what the slot needs: between "reserved" and "lost" there is no state that would warn. */
  get alarm(): string | undefined {
    return alarmsOf(this.readings).find(({ code }) => code === "slot_safe")?.en;
  }

  /** What alarms are made of. */
  get readings(): Readings & { stream: NonNullable<Readings["stream"]> } {
    return {
      stream: {
        lagBytes: this.lagBytes,
        lagSeconds: this.lagSeconds,
        setAside: this.refused,
        slot: this.slotStatus,
        slotSafeBytes: this.safeWalBytes,
        slotLimitBytes: this.keptWalBytes > 0 ? this.keptWalBytes : undefined,
        slotKeptBytes: this.retainedWalBytes,
      },
      ...(this.engineDisk ? { engineDisk: this.engineDisk } : {}),
    };
  }

  get isReady(): boolean {
    return this.state === "streaming" && this.postgres === "up" && !this.clickhouseTrouble && !this.alarm;
  }

  /** The health page. */
  toJson(): object {
    return {
      state: this.state,
      ready: this.isReady,
      reason: this.reason,
      message: this.message,
      alarm: this.alarm,
      dependencies: {
        postgres: {
          state: this.postgres,
          walLsn: formatLsn(this.walLsn),
          slot: this.slotStatus,
          safeWalBytes: this.safeWalBytes,
        },
        clickhouse: { state: this.clickhouseTrouble ? "down" : "up", message: this.clickhouseTrouble },
      },
      asOf: this.asOf,
      asOfLsn: formatLsn(this.asOfLsn),
      checkedAt: this.checkedAt,
      checkedLsn: formatLsn(this.checkedLsn),
      lagBytes: this.lagBytes,
      lagSeconds: this.lagSeconds,
      caughtUp: this.caughtUp,
      paused: this.paused,
      copying: this.copying,
      rowsSetAside: this.refused,
      readings: this.readings,
    };
  }
}
