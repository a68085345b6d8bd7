import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { pageIdentity, requireScope } from "@/lib/server.ts";
import { PeriodList } from "./period-list.tsx";
import { PublishedList } from "./published-list.tsx";

export const metadata: Metadata = { title: "评价数据" };

/** The committee's periods; for everybody below it, the reports that were published. */
export default async function Page() {
  await requireScope();
  const whole = (await pageIdentity())?.permissions.includes("evaluation.read") ?? false;
  await prefetch(whole ? serverTrpc.evaluation.overview.queryOptions() : serverTrpc.evaluation.periods.queryOptions());
  return <Hydrated>{whole ? <PeriodList /> : <PublishedList />}</Hydrated>;
}
