import type { RouterOutputs } from "@/lib/outputs.ts";
import { pageOf } from "../../address.ts";

export type Indicator = RouterOutputs["evaluation"]["overview"]["indicators"][number];

export const entriesOnPage = 20;

/**
 * What the address asks for: the indicator and a page; the first imported indicator when it names none.
 * The keyword is not in it: it may be somebody's name, and addresses are kept in histories and logs.
 */
export function entryQuery(params: { get(name: string): string | null }, indicators: readonly Indicator[]) {
  const imported = indicators.filter((indicator) => indicator.source === "imported");
  return {
    imported,
    indicator: imported.find(({ id }) => id === params.get("indicator")) ?? imported[0],
    page: pageOf(params),
    size: entriesOnPage,
  };
}
