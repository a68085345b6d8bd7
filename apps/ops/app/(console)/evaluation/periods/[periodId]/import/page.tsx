import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { api, pageIdentity, requireScope } from "@/lib/server.ts";
import { found } from "../../../found.ts";
import { ImportPage } from "./import-page.tsx";

export const metadata: Metadata = { title: "批量导入" };

export default async function Page({ params }: { params: Promise<{ periodId: string }> }) {
  await requireScope();
  if (!(await pageIdentity())?.permissions.includes("evaluation.import")) notFound();
  const { periodId } = await params;
  const { periods } = await found((await api()).evaluation.overview());
  const period = periods.find((one) => one.id === periodId);
  if (!period) notFound();
  await prefetch(serverTrpc.evaluation.overview.queryOptions());
  return (
    <Hydrated>
      <ImportPage periodId={periodId} periodTitle={period.title} />
    </Hydrated>
  );
}
