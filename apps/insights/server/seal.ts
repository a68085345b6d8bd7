import { createSealReader } from "@xianfeng/clickhouse";
import type { RunResult, RunRows, RunValue, SealReader } from "@xianfeng/trpc";
import { z } from "zod";

export type RunReader = SealReader & { close(): Promise<void> };

/** A whole number however it was written; one that JSON has already rounded is refused rather than sealed wrong. */
const whole = z
  .union([z.string().regex(/^-?\d+$/), z.number().refine(Number.isSafeInteger, "a number beyond 2^53")])
  .transform(String);
const small = z.coerce.number().int();
const truth = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean);

const valueRow = z.object({
  subject_kind: z.string(),
  subject_id: z.string(),
  indicator_code: z.string(),
  group_org_id: small,
  value_num: whole.nullable(),
  value_den: whole.nullable(),
  _as_of: z.string(),
  _as_of_lsn: whole,
});

const rankRow = z.object({
  population_kind: z.string(),
  population_org_id: small,
  subject_kind: z.string(),
  subject_id: z.string(),
  indicator_code: z.string(),
  group_org_id: small,
  score_num: whole.nullable(),
  score_den: whole.nullable(),
  rank: small.nullable(),
  of_n: small,
  is_top: truth,
  prev_rank: small.nullable(),
  _as_of: z.string(),
  _as_of_lsn: whole,
});

type Build = { _as_of: string; _as_of_lsn: string };

/** The one build that all rows come from; null when they are of several. */
function oneBuild(rows: readonly Build[]): Build | null {
  const [first] = rows;
  return first && rows.every((row) => row._as_of_lsn === first._as_of_lsn) ? first : null;
}

const toValue = (row: z.output<typeof valueRow>): RunValue => ({
  subjectKind: row.subject_kind,
  subjectId: row.subject_id,
  indicatorCode: row.indicator_code,
  groupOrgId: row.group_org_id,
  valueNum: row.value_num,
  valueDen: row.value_den,
});

const toResult = (row: z.output<typeof rankRow>): RunResult => ({
  populationKind: row.population_kind,
  populationOrgId: row.population_org_id,
  subjectKind: row.subject_kind,
  subjectId: row.subject_id,
  indicatorCode: row.indicator_code,
  groupOrgId: row.group_org_id,
  scoreNum: row.score_num,
  scoreDen: row.score_den,
  rank: row.rank,
  ofN: row.of_n,
  isTop: row.is_top,
  prevRank: row.prev_rank,
});

/** Reads a run for sealing. Inputs and results must be of one build of the marts; a build that slips in between is noticed and read again. */
export function createRunReader(options: { url: string; password: string }): RunReader {
  const reader = createSealReader(options);
  return {
    async readRun(runId: string): Promise<RunRows | null> {
      for (let attempt = 0; attempt < 5; attempt++) {
        const ranks = z
          .array(rankRow)
          .parse(
            await reader.readRun("fct_evaluation_rank", runId, ["population_kind", "subject_id", "indicator_code"]),
          );
        const values = z
          .array(valueRow)
          .parse(await reader.readRun("fct_evaluation_value", runId, ["subject_id", "indicator_code"]));
        if (ranks.length === 0 || values.length === 0) return null;
        const build = oneBuild([...ranks, ...values]);
        if (build)
          return {
            asOf: build._as_of,
            asOfLsn: build._as_of_lsn,
            values: values.map(toValue),
            results: ranks.map(toResult),
          };
      }
      // Builds came faster than they could be read: the same as not ready yet, to be asked again.
      return null;
    },
    close: () => reader.close(),
  };
}
