import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { readFilter } from "./filters.ts";
import { Members } from "./members.tsx";

export const metadata: Metadata = { title: "党员信息" };

export default async function MembersPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requireScope();
  const given = await searchParams;
  const { filter } = readFilter({ getAll: (name) => [given[name] ?? []].flat() });
  const { page, ...conditions } = filter;
  await Promise.all([
    prefetch(serverTrpc.member.list.queryOptions({ ...conditions, page })),
    prefetch(serverTrpc.member.counts.queryOptions({ ...conditions, identity: "member" })),
    prefetch(serverTrpc.org.tree.queryOptions({})),
  ]);
  return (
    <Hydrated>
      <Members />
    </Hydrated>
  );
}
