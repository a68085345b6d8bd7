import type { Metadata } from "next";
import { api, requireScope } from "@/lib/server.ts";
import { found } from "../../found.ts";
import { ReportPage } from "./report-page.tsx";

export const metadata: Metadata = { title: "评价报告" };

/** A report that was retracted, or that the reader may not see, is a page that does not exist. */
export default async function Page({ params }: { params: Promise<{ runId: string }> }) {
  await requireScope();
  const { runId } = await params;
  return <ReportPage head={await found((await api()).evaluation.reportHead({ runId }))} />;
}
