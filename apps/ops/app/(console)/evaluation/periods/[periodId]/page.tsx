import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { api, requireScope } from "@/lib/server.ts";
import { found } from "../../found.ts";
import { PeriodPage } from "./period-page.tsx";

export const metadata: Metadata = { title: "评价数据" };

export default async function Page({ params }: { params: Promise<{ periodId: string }> }) {
  await requireScope();
  const { periodId } = await params;
  const { periods } = await found((await api()).evaluation.overview());
  if (!periods.some((period) => period.id === periodId)) notFound();
  await prefetch(serverTrpc.evaluation.overview.queryOptions());
  return (
    <Hydrated>
      <PeriodPage periodId={periodId} />
    </Hydrated>
  );
}
