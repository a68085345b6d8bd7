import type { Permission } from "@xianfeng/auth";
import { z } from "zod";
import { namesWhereAllowed } from "../domain.ts";
import { runsUpTo } from "./branch-ranking.ts";
import { count, flag, instant, orgNumber, rank, whole } from "./cells.ts";
import { type Answer, defineQuery, type Named, oldest, type Sheet } from "./define.ts";

/** One member of a branch by one indicator: a row behind the branch's share. */
export type PersonRow = {
  id: string;
  name: string;
  rank: number | null;
  ofN: number;
  inTop: boolean;
  num: string | null;
  den: string | null;
};
export type BranchPeople = {
  people: PersonRow[];
  named: boolean;
  runId: string;
  orgId: number;
  /** Which version the rows are of, for a file that leaves the house. */
  version: string;
};

const members = {
  run: "evaluation_report.run_id",
  population: "evaluation_report.population_kind",
  subjectKind: "evaluation_report.subject_kind",
  subject: "evaluation_report.subject_id",
  branch: "evaluation_report.group_org_id",
  indicator: "evaluation_report.indicator_code",
  rank: "evaluation_report.rank",
  ofN: "evaluation_report.of_n",
  isTop: "evaluation_report.is_top",
  num: "evaluation_report.score_num",
  den: "evaluation_report.score_den",
  asOf: "evaluation_report.as_of",
  asOfLsn: "evaluation_report.as_of_lsn",
} as const;

const row = z.object({
  [members.subject]: z.string(),
  [members.rank]: rank,
  [members.ofN]: count,
  [members.isTop]: flag,
  [members.num]: whole.nullable(),
  [members.den]: whole.nullable(),
  [members.asOf]: instant,
  [members.asOfLsn]: whole,
});

/** The largest branch there may be, many times over. */
const mostMembers = 2_000;

const peopleFor = (permission: Permission) =>
  defineQuery({
    permission,
    params: z.strictObject({
      run: z.uuid("评价版本的编号不对，请从页面重新进入"),
      branch: orgNumber,
      indicator: z.string().regex(/^[a-z][a-z0-9_]{0,40}$/, "指标的编号不对，请从页面重新进入"),
    }),
    async run({ cube, domain }, params): Promise<Answer<BranchPeople>> {
      const own = runsUpTo(await domain.periods(), params.run).at(-1);
      const rows = await cube(
        {
          dimensions: [
            members.subject,
            members.rank,
            members.ofN,
            members.isTop,
            members.num,
            members.den,
            members.asOf,
            members.asOfLsn,
          ],
          filters: [
            { member: members.run, operator: "equals", values: [params.run] },
            { member: members.branch, operator: "equals", values: [String(params.branch)] },
            { member: members.indicator, operator: "equals", values: [params.indicator] },
            { member: members.population, operator: "equals", values: ["college"] },
            { member: members.subjectKind, operator: "equals", values: ["person"] },
          ],
          limit: mostMembers,
        },
        row,
      );
      const names = await namesWhereAllowed(domain.memberNames(rows.map((found) => found[members.subject])));
      const people = rows
        .map(
          (found): PersonRow => ({
            id: found[members.subject],
            name: names[found[members.subject]] ?? "",
            rank: found[members.rank],
            ofN: found[members.ofN],
            inTop: found[members.isTop],
            num: found[members.num],
            den: found[members.den],
          }),
        )
        .sort(
          (a, b) =>
            (a.rank ?? Number.MAX_SAFE_INTEGER) - (b.rank ?? Number.MAX_SAFE_INTEGER) || a.id.localeCompare(b.id),
        );
      const freshness = oldest(rows.map((found) => ({ asOf: found[members.asOf], asOfLsn: found[members.asOfLsn] })));
      const run = own?.period.runs.find(({ id }) => id === params.run);
      const version = `${own?.period.title ?? ""}${run?.state === "sealed" ? `第${run.versionNo}版` : "未封存"}`;
      const named = Object.keys(names).length > 0;
      return { ...freshness, data: { people, named, runId: params.run, orgId: params.branch, version } };
    },
    named: ({ named, runId, orgId, version }): Named | null =>
      named ? { subjectKind: "evaluation_run", subjectId: runId, orgId, source: version } : null,
    sheet: ({ people }): Sheet => ({
      title: "支部党员名次",
      head: ["姓名", "名次", "共几名", "进入前列", "得分分子", "得分分母"],
      rows: people.map((person) => [
        person.name,
        person.rank,
        person.ofN,
        person.inTop ? "是" : "否",
        person.num,
        person.den,
      ]),
    }),
  });

export const branchPeople = peopleFor("report.read");

/** The same for those who generate, who also see previews. */
export const previewPeople = peopleFor("evaluation.generate");
