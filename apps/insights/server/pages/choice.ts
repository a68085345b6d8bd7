import type { Period, Run } from "../domain.ts";
import { notFound } from "../refusal.ts";

export type Choice = { periods: Period[]; period: Period | null; run: Run | null };

const byVersion = (a: Run, b: Run) => b.versionNo - a.versionNo;

/** What a period opens with: the run that is always current, else the newest published version. */
const opening = (period: Period): Run | undefined =>
  period.runs.find((run) => run.state === "live") ??
  period.runs.filter((run) => run.report?.state === "published").sort(byVersion)[0];

/**
 * The period and run that an address asks for. A run alone is enough; a period alone opens with its own choice; nothing opens the newest.
 * @throws Refusal not_found for one that is not among those the caller may see
 */
export function choose(periods: Period[], search: URLSearchParams): Choice {
  const [runId, periodId] = [search.get("run"), search.get("period")];
  if (runId) {
    const period = periods.find(({ runs }) => runs.some(({ id }) => id === runId));
    const run = period?.runs.find(({ id }) => id === runId);
    if (!period || !run || (periodId && periodId !== period.id)) throw notFound();
    return { periods, period, run };
  }
  const period = periodId
    ? periods.find(({ id }) => id === periodId)
    : (periods.find((one) => opening(one)) ?? periods[0]);
  if (!period) {
    if (periodId) throw notFound();
    return { periods, period: null, run: null };
  }
  return { periods, period, run: opening(period) ?? null };
}
