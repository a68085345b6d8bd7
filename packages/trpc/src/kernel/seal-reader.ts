/** One value of a run as the warehouse computed it. Whole numbers travel as text: they may exceed 2^53. */
export type RunValue = {
  subjectKind: string;
  subjectId: string;
  indicatorCode: string;
  groupOrgId: number;
  valueNum: string | null;
  valueDen: string | null;
};

/** One rank of a run as the warehouse computed it. */
export type RunResult = {
  populationKind: string;
  populationOrgId: number;
  subjectKind: string;
  subjectId: string;
  indicatorCode: string;
  groupOrgId: number;
  scoreNum: string | null;
  scoreDen: string | null;
  rank: number | null;
  ofN: number;
  isTop: boolean;
  prevRank: number | null;
};

/** Both halves of a run, read in one mart build, with the WAL position (as a number in text) up to which they are complete. */
export type RunRows = { asOfLsn: string; asOf: string; values: RunValue[]; results: RunResult[] };

/** The one way from the warehouse back into PostgreSQL. Only the analytics server has it; the operational app never does. */
export interface SealReader {
  /** @returns null while the marts do not show the run yet. @throws Error when ClickHouse is away. */
  readRun(runId: string): Promise<RunRows | null>;
}
