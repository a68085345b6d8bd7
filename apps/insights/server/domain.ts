import type { Permission, Scope } from "@xianfeng/auth";
import { createCaller, DomainError, type RequestContext } from "@xianfeng/trpc";
import { meetingTitles, orgNames, orgsInReach } from "./names.ts";
import { Refusal, type RefusalKind } from "./refusal.ts";

export type RunState = "live" | "waiting" | "preview" | "sealed" | "discarded";

export type Run = {
  id: string;
  state: RunState;
  versionNo: number;
  schemeCode: string;
  asOfOn: string;
  previousRunId: string | null;
  closeLsn: string | null;
  digest: string | null;
  createdAt: string;
  sealedAt: string | null;
  report: null | {
    state: "published" | "retracted";
    publishedAt: string | null;
    retractedAt: string | null;
    reason: string | null;
    note: string;
  };
};

export type Period = {
  id: string;
  orgId: number;
  year: number;
  ordinal: number;
  title: string;
  startsOn: string;
  endsOn: string;
  runs: Run[];
};

export type SchemeItem = { indicatorCode: string; title: string; source: string; weight: number };

export type RunDetail = Run & {
  orgId: number;
  topShareBp: number;
  period: Omit<Period, "runs">;
  items: SchemeItem[];
};

export type SealedResult = {
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

/** A sealed input, both parts null when missing. */
export type SealedValue = {
  subjectKind: string;
  subjectId: string;
  indicatorCode: string;
  groupOrgId: number;
  valueNum: string | null;
  valueDen: string | null;
};

export type SealedRun = {
  id: string;
  orgId: number;
  versionNo: number;
  schemeCode: string;
  schemeVersionId: string;
  topShareBp: number;
  asOfOn: string;
  digest: string | null;
  sealedAt: string | null;
  publishedAt: string | null;
  note: string;
  period: { id: string; title: string; startsOn: string; endsOn: string };
  items: SchemeItem[];
};

export type SealedReport = {
  run: SealedRun;
  results: SealedResult[];
  values: SealedValue[];
  orgNames: Record<number, string>;
  /** Whether the caller's reach covers the whole college. */
  whole: boolean;
};

export type OwnReport = { run: SealedRun; results: SealedResult[] };

export type OrgName = { shortName: string; fullName: string; category: string; kind: string };

/** What the analytics app asks of PostgreSQL, always as the caller and through the procedures of the operational side. */
export type Domain = {
  periods(): Promise<Period[]>;
  run(runId: string): Promise<RunDetail>;
  generate(periodId: string): Promise<{ runId: string; closeLsn: string | null }>;
  previewReady(runId: string): Promise<{ ready: boolean; waitingFor: string | null }>;
  discard(runId: string): Promise<void>;
  publish(runId: string, note: string): Promise<void>;
  retract(runId: string, reason: string): Promise<void>;
  sealedReport(runId: string): Promise<SealedReport>;
  ownReports(): Promise<OwnReport[]>;
  /** Names within the reach of one permission: that of the rows that they belong to. */
  orgNames(permission: Permission, ids: readonly number[]): Promise<Record<number, OrgName>>;
  /** All organisations of today within the reach of a permission. */
  orgsInReach(permission: Permission): Promise<Record<number, OrgName>>;
  /** Names of members, masked where the caller may see a rank but not the record. Those out of reach are missing. */
  memberNames(ids: readonly string[]): Promise<Record<string, string>>;
  meetingTitles(
    permission: Permission,
    ids: readonly string[],
  ): Promise<Record<string, { title: string; place: string }>>;
};

const kinds: Partial<Record<string, RefusalKind>> = {
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
  not_found: "not_found",
  invalid: "invalid",
  conflict: "state",
  state: "state",
  too_many: "too_many",
  unavailable: "away",
};

/** A refusal of the services keeps its words; anything else goes up as the fault that it is. */
export async function told<Answer>(work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (error) {
    const domain = error instanceof DomainError ? error : causeOf(error);
    const kind = domain && kinds[domain.kind];
    if (domain && kind)
      throw new Refusal(kind, domain.message, { cause: domain, retryAfter: domain.detail.retryAfter });
    throw error;
  }
}

const causeOf = (error: unknown): DomainError | null =>
  error instanceof Error && error.cause instanceof DomainError ? error.cause : null;

/** The procedure takes no more at once. */
const labelsAtOnce = 500;

export function createDomain(context: RequestContext & { scope: Scope }): Domain {
  const { db, scope } = context;
  const caller = createCaller(context);
  return {
    periods: () => told(caller.evaluation.periods()),
    run: (runId) => told(caller.evaluation.run({ runId })),
    generate: (periodId) => told(caller.evaluation.generate({ periodId })),
    previewReady: (runId) => told(caller.evaluation.previewReady({ runId })),
    discard: async (runId) => void (await told(caller.evaluation.discard({ runId }))),
    publish: async (runId, note) => void (await told(caller.evaluation.publish({ runId, note }))),
    retract: async (runId, reason) => void (await told(caller.evaluation.retract({ runId, reason }))),
    sealedReport: (runId) => told(caller.evaluation.sealedReport({ runId })),
    ownReports: () => told(caller.evaluation.ownReports()),
    orgsInReach: (permission) => orgsInReach(db, scope, permission),
    orgNames: (permission, ids) => orgNames(db, scope, permission, ids),
    async memberNames(ids) {
      const names: Record<string, string> = {};
      for (let at = 0; at < ids.length; at += labelsAtOnce) {
        const labels = await told(caller.member.labels({ ids: ids.slice(at, at + labelsAtOnce) }));
        for (const label of labels) names[label.id] = label.name;
      }
      return names;
    },
    meetingTitles: (permission, ids) => meetingTitles(db, scope, permission, ids),
  };
}

/** Reading figures and reading names are two rights: without the second the rows show no names. */
export async function namesWhereAllowed(asked: Promise<Record<string, string>>): Promise<Record<string, string>> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal && error.kind === "forbidden") return {};
    throw error;
  }
}
