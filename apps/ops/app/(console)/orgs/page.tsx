import { isDay } from "@xianfeng/trpc/calendar";
import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { pageIdentity, requireScope } from "@/lib/server.ts";
import { Orgs } from "./orgs.tsx";

export const metadata: Metadata = { title: "党组织" };

type Query = Promise<Record<string, string | string[] | undefined>>;

/** `id` and `on` come from the address; what does not fit is dropped and the page shows the reader's own organisation today. */
export default async function OrgsPage({ searchParams }: { searchParams: Query }) {
  const scope = await requireScope();
  const { id, on } = await searchParams;
  const own = (await pageIdentity())?.orgId ?? 0;
  const shown = typeof id === "string" && /^[1-9]\d{0,8}$/.test(id) ? Number(id) : own;
  const day = typeof on === "string" && isDay(on) && on < scope.today ? on : undefined;
  await Promise.all([
    prefetch(serverTrpc.org.tree.queryOptions(day ? { on: day } : {})),
    prefetch(serverTrpc.org.detail.queryOptions({ id: shown, ...(day ? { on: day } : {}) })),
    prefetch(serverTrpc.workbench.dutyGrid.queryOptions({ orgId: shown })),
  ]);
  return (
    <Hydrated>
      <Orgs id={shown} {...(day ? { on: day } : {})} />
    </Hydrated>
  );
}
