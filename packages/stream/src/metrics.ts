import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { alarmLines } from "@xianfeng/service/alarms";
import type { Status } from "./status.ts";

const delay = monitorEventLoopDelay({ resolution: 20 });
delay.enable();
let lastUtilisation = performance.eventLoopUtilization();

/** Prometheus text. */
export function metricsText(status: Status, rowsPerSecond: number): string {
  const now = performance.eventLoopUtilization();
  const utilisation = performance.eventLoopUtilization(now, lastUtilisation).utilization;
  lastUtilisation = now;
  const values: [name: string, type: "gauge" | "counter", help: string, value: number | undefined][] = [
    ["ready", "gauge", "1 when everything works", status.isReady ? 1 : 0],
    ["stopped", "gauge", "1 when a person has to mend something", status.state === "stopped" ? 1 : 0],
    ["lag_bytes", "gauge", "Log that has not landed yet", status.lagBytes],
    ["lag_seconds", "gauge", "Time since the stream last knew that nothing was missing", status.lagSeconds],
    [
      "as_of_seconds",
      "gauge",
      "Commit time of the newest transaction that has landed",
      status.asOf && status.asOf.getTime() / 1000,
    ],
    ["slot_safe_bytes", "gauge", "Log that may still be written before the slot is lost", status.safeWalBytes],
    ["slot_kept_bytes", "gauge", "Log that PostgreSQL keeps for the slot", status.retainedWalBytes],
    [
      "slot_spilled_bytes_total",
      "counter",
      "Changes that PostgreSQL wrote to disk while it decoded them",
      status.spilledBytes,
    ],
    [
      "slot_spilled_transactions_total",
      "counter",
      "Transactions of which PostgreSQL wrote changes to disk while it decoded them",
      status.spilledTransactions,
    ],
    ["engine_disk_free_bytes", "gauge", "Room on ClickHouse's disk", status.engineDisk?.freeBytes],
    ["engine_disk_bytes", "gauge", "Size of ClickHouse's disk", status.engineDisk?.totalBytes],
    ["rows_per_second", "gauge", "Row changes decoded a second, over half a minute", rowsPerSecond],
    ["rows_set_aside", "gauge", "Rows that ClickHouse refused", status.refused],
    ["tables_copying", "gauge", "Tables whose first copy is under way", status.copying.length],
    ["paused", "gauge", "1 while reading waits for ClickHouse", status.paused ? 1 : 0],
    ["rows_total", "counter", "Row changes decoded since the process started reading", status.rows],
    ["bytes_total", "counter", "Bytes read from PostgreSQL", status.bytesRead],
    ["batches_total", "counter", "Batches applied", status.batches],
    ["inserts_total", "counter", "Inserts sent to ClickHouse", status.inserts],
    ["retries_total", "counter", "Statements that ClickHouse did not take at first", status.retries],
    ["reconnects_total", "counter", "Times that reading began again", status.reconnects],
    ["batch_rows", "gauge", "Rows of the last batch", status.lastBatchRows],
    ["batch_rows_max", "gauge", "Largest batch", status.largestBatchRows],
    ["resident_bytes", "gauge", "Resident memory of the process", process.memoryUsage.rss()],
    [
      "event_loop_utilisation",
      "gauge",
      "Share of time that the event loop was busy since the last scrape",
      utilisation,
    ],
    ["event_loop_delay_p99_seconds", "gauge", "Delay of the event loop", delay.percentile(99) / 1e9],
  ];
  const lines = values
    .filter(([, , , value]) => value !== undefined)
    .map(
      ([name, type, help, value]) =>
        `# HELP xianfeng_stream_${name} ${help}\n# TYPE xianfeng_stream_${name} ${type}\nxianfeng_stream_${name} ${value}\n`,
    )
    .join("");
  return (
    lines +
    alarmLines(status.readings, [
      "slot_lost",
      "slot_safe",
      "slot_kept",
      "lag_bytes",
      "lag_seconds",
      "set_aside",
      "engine_disk",
    ])
  );
}
