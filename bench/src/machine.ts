import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/** Where and when something was measured. `load` is the load average of the last minute when it began and ended. */
export type Circumstances = {
  date: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  load: { before: number; after: number };
};

const load = () => Math.round((loadavg()[0] ?? 0) * 10) / 10;

/** Runs a measurement and notes the circumstances beside it. */
export async function measured<Figures>(
  work: () => Promise<Figures>,
): Promise<{ circumstances: Circumstances; figures: Figures }> {
  const before = load();
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const figures = await work();
  return {
    circumstances: {
      date: `${date} UTC`,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release().split("-")[0]}`,
      node: process.version,
      load: { before, after: load() },
    },
    figures,
  };
}
