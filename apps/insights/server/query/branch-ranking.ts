import type { Permission } from "@xianfeng/auth";
import { z } from "zod";
import type { Period, Run } from "../domain.ts";
import { notFound } from "../refusal.ts";
import { count, instant, rank, whole } from "./cells.ts";
import { type Answer, defineQuery, oldest, type Sheet } from "./define.ts";

/** One branch by one indicator: how many of its ranked members are in the college's top share, and where that puts it. */
export type BranchCell = {
  rank: number | null;
  ofN: number;
  prevRank: number | null;
  /** Members in the top share ÷ members ranked, as whole numbers in text; null = nobody ranked. */
  num: string | null;
  den: string | null;
  evaluated: number;
  ranked: number;
  missing: number;
};

export type BranchLine = {
  orgId: number;
  shortName: string;
  category: string;
  /** By indicator code, "overall" included. */
  cells: Record<string, BranchCell>;
  /** Shares of the periods up to this one, oldest first, by indicator code; null = not evaluated then. */
  history: Record<string, ({ num: string; den: string } | null)[]>;
};

export type BranchRanking = {
  runId: string;
  /** In the order of their weight, "overall" first. */
  indicators: { code: string; title: string }[];
  /** Periods of `history`, oldest first; the last is that of the run. */
  periods: { id: string; title: string }[];
  branches: BranchLine[];
};

const members = {
  run: "branch_ranking.run_id",
  org: "branch_ranking.org_id",
  indicator: "branch_ranking.indicator_code",
  rank: "branch_ranking.rank",
  ofN: "branch_ranking.of_n",
  prevRank: "branch_ranking.prev_rank",
  num: "branch_ranking.share_num",
  den: "branch_ranking.share_den",
  evaluated: "branch_ranking.members_evaluated",
  ranked: "branch_ranking.members_ranked",
  missing: "branch_ranking.members_missing",
  asOf: "branch_ranking.as_of",
  asOfLsn: "branch_ranking.as_of_lsn",
} as const;

const row = z.object({
  [members.run]: z.string(),
  [members.org]: count,
  [members.indicator]: z.string(),
  [members.rank]: rank,
  [members.ofN]: count,
  [members.prevRank]: rank,
  [members.num]: whole.nullable(),
  [members.den]: whole.nullable(),
  [members.evaluated]: count,
  [members.ranked]: count,
  [members.missing]: count,
  [members.asOf]: instant,
  [members.asOfLsn]: whole,
});
type Row = z.output<typeof row>;

const historyPeriods = 6;
const overall = { code: "overall", title: "综合" };

/** Of each period the run that people may look at: the newest published one, else the live one. */
const shownRun = (period: Period): Run | undefined =>
  period.runs.filter((run) => run.report?.state === "published").sort((a, b) => b.versionNo - a.versionNo)[0] ??
  period.runs.find((run) => run.state === "live");

/** The run and those of the periods before it, oldest first. @throws Refusal not_found when the caller may not see the run, or it was retracted */
export function runsUpTo(periods: readonly Period[], runId: string): { period: Period; runId: string }[] {
  const own = periods.find((period) => period.runs.some((run) => run.id === runId));
  const run = own?.runs.find(({ id }) => id === runId);
  if (!own || !run || run.report?.state === "retracted") throw notFound();
  const before = periods
    .filter((period) => period.orgId === own.orgId && period.startsOn < own.startsOn)
    .sort((a, b) => b.startsOn.localeCompare(a.startsOn))
    .slice(0, historyPeriods - 1)
    .flatMap((period) => {
      const shown = shownRun(period);
      return shown ? [{ period, runId: shown.id }] : [];
    });
  return [...before.reverse(), { period: own, runId }];
}

const cellOf = (found: Row): BranchCell => ({
  rank: found[members.rank],
  ofN: found[members.ofN],
  prevRank: found[members.prevRank],
  num: found[members.num],
  den: found[members.den],
  evaluated: found[members.evaluated],
  ranked: found[members.ranked],
  missing: found[members.missing],
});

/** Rows of several runs, put together by branch. Branches are those of the run itself. */
export function assemble(
  rows: readonly Row[],
  runs: readonly { period: { id: string; title: string }; runId: string }[],
  names: Record<number, { shortName: string; category: string }>,
  indicators: BranchRanking["indicators"],
): BranchRanking {
  const runId = runs.at(-1)?.runId ?? "";
  const own = rows.filter((found) => found[members.run] === runId);
  const byKey = new Map(
    rows.map((found) => [`${found[members.run]} ${found[members.org]} ${found[members.indicator]}`, found]),
  );
  const branches = [...new Set(own.map((found) => found[members.org]))].map((orgId): BranchLine => {
    const cells: Record<string, BranchCell> = {};
    const history: BranchLine["history"] = {};
    for (const { code: indicator } of indicators) {
      const found = byKey.get(`${runId} ${orgId} ${indicator}`);
      if (found) cells[indicator] = cellOf(found);
      history[indicator] = runs.map((run) => {
        const then = byKey.get(`${run.runId} ${orgId} ${indicator}`);
        const [num, den] = [then?.[members.num] ?? null, then?.[members.den] ?? null];
        return num === null || den === null ? null : { num, den };
      });
    }
    const name = names[orgId];
    return { orgId, shortName: name?.shortName ?? `#${orgId}`, category: name?.category ?? "", cells, history };
  });
  return { runId, indicators, periods: runs.map(({ period }) => ({ id: period.id, title: period.title })), branches };
}

/** Best rank first, those without a rank last; ties in the order of their names. */
export const byRank = (branches: readonly BranchLine[], indicator: string): BranchLine[] =>
  [...branches].sort(
    (a, b) =>
      (a.cells[indicator]?.rank ?? Number.MAX_SAFE_INTEGER) - (b.cells[indicator]?.rank ?? Number.MAX_SAFE_INTEGER) ||
      a.shortName.localeCompare(b.shortName, "zh-CN"),
  );

const rankingFor = (permission: Permission) =>
  defineQuery({
    permission,
    params: z.strictObject({ run: z.uuid("评价版本的编号不对，请从页面重新进入") }),
    async run({ cube, domain }, params): Promise<Answer<BranchRanking>> {
      const runs = runsUpTo(await domain.periods(), params.run);
      const rows = await cube(
        {
          dimensions: Object.values(members),
          filters: [{ member: members.run, operator: "equals", values: runs.map(({ runId }) => runId) }],
          limit: 20_000,
        },
        row,
      );
      const orgIds = [...new Set(rows.map((found) => found[members.org]))];
      const freshness = oldest(
        rows
          .filter((found) => found[members.run] === params.run)
          .map((found) => ({ asOf: found[members.asOf], asOfLsn: found[members.asOfLsn] })),
      );
      const [names, { items }] = await Promise.all([domain.orgNames(permission, orgIds), domain.run(params.run)]);
      const indicators = [overall, ...items.map(({ indicatorCode, title }) => ({ code: indicatorCode, title }))];
      return { ...freshness, data: assemble(rows, runs, names, indicators) };
    },
    sheet: (data): Sheet => ({
      title: `支部排名 ${data.periods.at(-1)?.title ?? ""}`,
      head: ["指标", "名次", "共几个支部", "上期名次", "党支部", "前列人数", "参评人数", "缺数据人数"],
      rows: data.indicators.flatMap(({ code, title }) =>
        byRank(data.branches, code).flatMap((branch) => {
          const cell = branch.cells[code];
          return cell
            ? [[title, cell.rank, cell.ofN, cell.prevRank, branch.shortName, cell.num, cell.den, cell.missing]]
            : [];
        }),
      ),
    }),
  });

/** What people read: live and published runs. */
export const branchRanking = rankingFor("ranking.read");

/** The same for those who generate, who also see previews: Cube opens a preview to that permission alone. */
export const previewRanking = rankingFor("evaluation.generate");
