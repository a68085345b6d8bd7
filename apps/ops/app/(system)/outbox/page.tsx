import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { conditionsOf, readFilter } from "./filters.ts";
import { Outbox } from "./outbox.tsx";

export const metadata: Metadata = { title: "消息发送" };

export default async function OutboxPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requireScope();
  const given = await searchParams;
  const { filter } = readFilter({ getAll: (name) => [given[name] ?? []].flat() });
  const { list, counts } = conditionsOf(filter);
  await Promise.all([
    prefetch(serverTrpc.message.list.queryOptions(list)),
    prefetch(serverTrpc.message.counts.queryOptions(counts)),
  ]);
  return (
    <Hydrated>
      <Outbox />
    </Hydrated>
  );
}
