import { causesOf, type RunCauses } from "../causes.ts";
import type { Domain, Period, Run, RunDetail } from "../domain.ts";
import { notFound, Refusal } from "../refusal.ts";
import { definePage, type First, first } from "./define.ts";

export type RunsPage = {
  today: string;
  periods: Period[];
  period: Period | null;
  live: Run | null;
  preview: Run | null;
  /** The newest version that people can read. */
  published: Run | null;
  detail: RunDetail | null;
  /** Whether the marts have caught up with everything recorded before the preview was asked for. null without a preview. */
  ready: { ready: boolean; waitingFor: string | null } | null;
  /** Figures of the preview, or of the live run before there is one. */
  current: First<"preview-ranking"> | null;
  /** Figures of the published version, to compare with. */
  before: First<"preview-ranking"> | null;
  may: { publish: boolean; retract: boolean };
  /** Why two published versions differ, when the address asks for it. */
  causes: RunCauses | null;
};

/** A published version and the newest published one before it, which it is compared with. */
async function causesFor(domain: Domain, period: Period | null, runId: string): Promise<RunCauses> {
  const published = (period?.runs ?? [])
    .filter((run) => run.report?.state === "published")
    .sort((a, b) => b.versionNo - a.versionNo);
  const at = published.findIndex(({ id }) => id === runId);
  const [now, before] = [published[at], published[at + 1]];
  if (at < 0 || !now || !before) throw notFound();
  const [newer, older] = await Promise.all([domain.sealedReport(now.id), domain.sealedReport(before.id)]);
  if (!newer.whole || !older.whole) throw notFound();
  const causes = causesOf(newer, older);
  // Names are those of the sealed day; where nothing was renamed since, the short form says the same in less room.
  const names = await domain.orgNames(
    "report.read",
    causes.branches.map(({ orgId }) => orgId),
  );
  const shortened = causes.branches.map((branch) => {
    const today = names[branch.orgId];
    return today?.fullName === branch.name ? { ...branch, name: today.shortName } : branch;
  });
  return { ...causes, branches: shortened };
}

export const runs = definePage<RunsPage>({
  permission: "evaluation.generate",
  async load({ call, domain, search, today }) {
    const periods = await domain.periods();
    const asked = search.get("period");
    const compared = search.get("compare");
    const period = asked
      ? periods.find(({ id }) => id === asked)
      : (periods.find((one) => one.runs.length > 0) ?? periods[0]);
    if (asked && !period) throw notFound();
    const inState = (state: Run["state"]) => period?.runs.find((run) => run.state === state) ?? null;
    const published =
      period?.runs.filter((run) => run.report?.state === "published").sort((a, b) => b.versionNo - a.versionNo)[0] ??
      null;
    const [live, preview] = [inState("live"), inState("preview")];
    const shown = preview ?? live;
    const holds = (permission: "evaluation.publish" | "evaluation.retract") =>
      call.scope.assignments.some((assignment) => assignment.permissions.has(permission));
    return {
      today,
      periods,
      period: period ?? null,
      live,
      preview,
      published,
      detail: shown && (await domain.run(shown.id)),
      ready: preview && (await readiness(domain.previewReady(preview.id))),
      current: shown && (await first(call, "preview-ranking", { run: shown.id })),
      before: preview && published && (await first(call, "preview-ranking", { run: published.id })),
      causes: compared ? await causesFor(domain, period ?? null, compared) : null,
      may: { publish: holds("evaluation.publish"), retract: holds("evaluation.retract") },
    };
  },
});

/** With the analytics side away the page says that it waits; nothing is lost. */
async function readiness(asked: Promise<{ ready: boolean; waitingFor: string | null }>) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal && error.kind === "away") return { ready: false, waitingFor: error.message };
    throw error;
  }
}
