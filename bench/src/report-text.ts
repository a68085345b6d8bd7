import type { Circumstances } from "./machine.ts";
import type { Spread } from "./spread.ts";

/** Pieces of the pages that measurements write. */
export const whole = (value: number) => Math.round(value).toLocaleString("en-US");
export const fine = (value: number) => value.toFixed(2);
export const range = ({ min, median, max }: Spread, show: (value: number) => string) =>
  `${show(min)} – **${show(median)}** – ${show(max)}`;
export const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
export const where = ({ date, cpu, cores, memoryGiB, system, node, load }: Circumstances) =>
  `Measured ${date} on ${cores} cores of ${cpu}, ${memoryGiB} GiB, ${system}, Node ${node}. ` +
  `Load average when it began ${load.before}, when it ended ${load.after}` +
  (Math.max(load.before, load.after) > cores * 2
    ? ": **the machine was busy with other work, so times are far above those of a free one. Ratios suffer too: the side that needs more processes waits more often for a core.**"
    : ".");
