import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { api, pageIdentity, requireScope } from "@/lib/server.ts";
import { idOf } from "../../../address.ts";
import { found } from "../../../found.ts";
import { ImportPage } from "./import-page.tsx";

export const metadata: Metadata = { title: "批量导入" };

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ periodId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requireScope();
  if (!(await pageIdentity())?.permissions.includes("evaluation.import")) notFound();
  const { periodId } = await params;
  const { periods } = await found((await api()).evaluation.overview());
  const period = periods.find((one) => one.id === periodId);
  if (!period) notFound();
  await prefetch(serverTrpc.evaluation.overview.queryOptions());
  const asked = await searchParams;
  const batchId = idOf({ get: (name) => [asked[name]].flat()[0] ?? null }, "batch");
  if (batchId) await prefetch(serverTrpc.evaluation.importSummary.queryOptions({ batchId }));
  return (
    <Hydrated>
      <ImportPage periodId={periodId} periodTitle={period.title} />
    </Hydrated>
  );
}
