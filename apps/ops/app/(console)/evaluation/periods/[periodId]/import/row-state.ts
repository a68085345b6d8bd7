import type { RouterOutputs } from "@/lib/outputs.ts";

export type Summary = RouterOutputs["evaluation"]["importSummary"];
export type Row = RouterOutputs["evaluation"]["importRows"]["rows"][number];
export type RowState = Row["state"];

/** In the order in which a person works through them. */
export const rowStates = ["ready", "refused", "confirm", "applied"] as const satisfies readonly RowState[];

export const isRowState = (text: string | null): text is RowState => rowStates.some((state) => state === text);

/** What to look at first: what is wrong, then what is unclear, then the rest. */
export const firstState = ({ counts }: Summary): RowState =>
  counts.refused > 0 ? "refused" : counts.confirm > 0 ? "confirm" : counts.ready > 0 ? "ready" : "applied";
