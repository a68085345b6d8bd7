import { procedure, router } from "../kernel/index.ts";
import { listEntries, overview } from "./entries.service.ts";
import * as schema from "./evaluation.schema.ts";
import { discardImport, faultyRows, listRows, summarise } from "./import.batch.ts";
import { checkImport, template } from "./import.check.ts";
import { applyImport, confirmRow, fixRow } from "./import.work.ts";
import { ownReports, reportHead, sealedReport } from "./report.service.ts";
import { discard, generate, getRun, listPeriods, previewReady } from "./runs.service.ts";
import { publish, retract } from "./seal.service.ts";

export const evaluationRouter = router({
  periods: procedure("ranking.read").query(({ ctx }) => listPeriods(ctx)),
  run: procedure("ranking.read")
    .input(schema.runInput)
    .query(({ ctx, input }) => getRun(ctx, input)),
  generate: procedure("evaluation.generate")
    .input(schema.periodInput)
    .mutation(({ ctx, input }) => generate(ctx, input)),
  previewReady: procedure("evaluation.generate")
    .input(schema.runInput)
    .query(({ ctx, input }) => previewReady(ctx, input)),
  discard: procedure("evaluation.generate")
    .input(schema.runInput)
    .mutation(({ ctx, input }) => discard(ctx, input)),
  publish: procedure("evaluation.publish")
    .input(schema.publishInput)
    .mutation(({ ctx, input }) => publish(ctx, input)),
  retract: procedure("evaluation.retract")
    .input(schema.retractInput)
    .mutation(({ ctx, input }) => retract(ctx, input)),
  reportHead: procedure("report.read")
    .input(schema.runInput)
    .query(({ ctx, input }) => reportHead(ctx, input)),
  sealedReport: procedure("report.read")
    .input(schema.runInput)
    .query(({ ctx, input }) => sealedReport(ctx, input)),
  ownReports: procedure("report.read_own").query(({ ctx }) => ownReports(ctx)),

  overview: procedure("evaluation.read").query(({ ctx }) => overview(ctx)),
  entries: procedure("evaluation.read")
    .input(schema.entryListInput)
    .query(({ ctx, input }) => listEntries(ctx, input)),
  importTemplate: procedure("evaluation.import").query(() => template()),
  importCheck: procedure("evaluation.import")
    .input(schema.importCheckInput)
    .mutation(({ ctx, input }) => checkImport(ctx, input)),
  importSummary: procedure("evaluation.import")
    .input(schema.importBatchInput)
    .query(({ ctx, input }) => summarise(ctx, input.batchId)),
  importRows: procedure("evaluation.import")
    .input(schema.importRowsInput)
    .query(({ ctx, input }) => listRows(ctx, input)),
  importFix: procedure("evaluation.import")
    .input(schema.importFixInput)
    .mutation(({ ctx, input }) => fixRow(ctx, input)),
  importConfirm: procedure("evaluation.import")
    .input(schema.importConfirmInput)
    .mutation(({ ctx, input }) => confirmRow(ctx, input)),
  importFaulty: procedure("evaluation.import")
    .input(schema.importBatchInput)
    .query(({ ctx, input }) => faultyRows(ctx, input)),
  importDiscard: procedure("evaluation.import")
    .input(schema.importBatchInput)
    .mutation(({ ctx, input }) => discardImport(ctx, input)),
  importApply: procedure("evaluation.import")
    .input(schema.importBatchInput)
    .mutation(({ ctx, input }) => applyImport(ctx, input)),
});
