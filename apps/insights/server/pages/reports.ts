import { holds } from "@xianfeng/auth";
import { namesWhereAllowed, type OrgName, type OwnReport, type SealedReport } from "../domain.ts";
import { notFound } from "../refusal.ts";
import { definePage } from "./define.ts";

/** A published report in the list. */
export type ReportLine = { runId: string; title: string; versionNo: number; publishedAt: string | null; note: string };

export type ReportsPage = { today: string; reports: ReportLine[]; mayGenerate: boolean };

export const reports = definePage<ReportsPage>({
  permission: "report.read",
  async load({ call, domain, today }) {
    const periods = await domain.periods();
    const reports = periods.flatMap((period) =>
      period.runs
        .filter((run) => run.report?.state === "published")
        .map(
          (run): ReportLine => ({
            runId: run.id,
            title: period.title,
            versionNo: run.versionNo,
            publishedAt: run.report?.publishedAt ?? null,
            note: run.report?.note ?? "",
          }),
        ),
    );
    return { today, reports, mayGenerate: holds(call.scope, "evaluation.generate") };
  },
});

export type ReportPage =
  | {
      state: "retracted";
      title: string;
      versionNo: number;
      retractedAt: string | null;
      reason: string | null;
      newer: string | null;
    }
  | {
      state: "published";
      today: string;
      report: SealedReport;
      /** Short names and kinds of branch of today; the report's own names are those of its day. */
      orgs: Record<number, OrgName>;
      /** Names of the ten best by each indicator, where the caller may see names. */
      people: Record<string, string>;
      reader: string;
      may: { retract: boolean };
      periodId: string;
    };

const topNames = 10;

export const report = definePage<ReportPage>({
  permission: "report.read",
  async load({ call, domain, params, today }) {
    const runId = params.runId ?? "";
    const periods = await domain.periods();
    const period = periods.find(({ runs }) => runs.some(({ id }) => id === runId));
    const run = period?.runs.find(({ id }) => id === runId);
    // Whether it is retracted is asked of PostgreSQL at every opening: the stream may lag.
    if (!period || !run || run.state !== "sealed") throw notFound();
    if (run.report?.state === "retracted") {
      const newer = period.runs.find((other) => other.report?.state === "published");
      const { retractedAt, reason } = run.report;
      return {
        state: "retracted",
        title: period.title,
        versionNo: run.versionNo,
        retractedAt,
        reason,
        newer: newer?.id ?? null,
      };
    }
    const sealed = await domain.sealedReport(runId);
    const orgIds = [...new Set([sealed.run.orgId, ...sealed.results.map((row) => row.groupOrgId)])];
    const people = sealed.results
      .filter(
        (row) =>
          row.subjectKind === "person" &&
          row.rank !== null &&
          (sealed.whole ? row.populationKind === "college" && row.rank <= topNames : true),
      )
      .map((row) => row.subjectId);
    const identity = await call.identity();
    return {
      state: "published",
      today,
      // Inputs stay here: the pages draw results.
      report: { ...sealed, values: [] },
      orgs: await domain.orgNames("report.read", orgIds),
      people: await namesWhereAllowed(domain.memberNames([...new Set(people)])),
      reader: identity?.orgName ?? "",
      may: { retract: holds(call.scope, "evaluation.retract") && sealed.whole },
      periodId: period.id,
    };
  },
});

export type MinePage = { today: string; reports: OwnReport[] };

export const mine = definePage<MinePage>({
  permission: "report.read_own",
  load: async ({ domain, today }) => ({ today, reports: await domain.ownReports() }),
});

export type MyReportPage = { today: string; report: OwnReport; earlier: OwnReport[] };

export const myReport = definePage<MyReportPage>({
  permission: "report.read_own",
  async load({ domain, params, today }) {
    const reports = await domain.ownReports();
    const report = reports.find(({ run }) => run.id === params.runId);
    if (!report) throw notFound();
    const earlier = reports.filter(({ run }) => run.period.startsOn < report.run.period.startsOn);
    return { today, report, earlier };
  },
});
