import { useAddress } from "./panel.ts";

const named = (search: URLSearchParams): string[] => (search.get("table") ?? "").split(",").filter(Boolean);

/** The `table` of an address once one chart is turned over: names of the charts shown as tables. null when none is left. */
export function turned(search: URLSearchParams, chart: string): string | null {
  const shown = named(search);
  const next = shown.includes(chart) ? shown.filter((name) => name !== chart) : [...shown, chart];
  return next.length > 0 ? next.join(",") : null;
}

/** Whether a chart is shown as its table, kept in the address, and the address that turns it over. */
export function useChartView(chart: string): { asTable: boolean; turn: string } {
  const { search, address } = useAddress();
  return { asTable: named(search).includes(chart), turn: address({ table: turned(search, chart) }) };
}
