import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { api, requireScope } from "@/lib/server.ts";
import { found } from "../../found.ts";
import { entryQuery } from "./entry-query.ts";
import { PeriodPage } from "./period-page.tsx";

export const metadata: Metadata = { title: "评价数据" };

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ periodId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requireScope();
  const { periodId } = await params;
  const { periods, indicators } = await found((await api()).evaluation.overview());
  if (!periods.some((period) => period.id === periodId)) notFound();
  await prefetch(serverTrpc.evaluation.overview.queryOptions());
  const asked = await searchParams;
  const get = (name: string) => [asked[name]].flat()[0] ?? null;
  const { indicator, page, size } = entryQuery({ get }, indicators);
  if (indicator)
    await prefetch(
      serverTrpc.evaluation.entries.queryOptions({ periodId, indicatorId: indicator.id, q: "", page, size }),
    );
  return (
    <Hydrated>
      <PeriodPage periodId={periodId} />
    </Hydrated>
  );
}
