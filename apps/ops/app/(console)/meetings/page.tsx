import { filterOf, queryOf } from "@xianfeng/trpc/meeting";
import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { api, pageIdentity, requireScope } from "@/lib/server.ts";
import { MeetingList } from "./meeting-list.tsx";
import "./meetings.css";

export const metadata: Metadata = { title: "三会一课" };

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requireScope();
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(await searchParams))
    for (const each of Array.isArray(value) ? value : [value ?? ""]) params.append(name, each);
  const { filter } = filterOf(params);
  const mayEdit = (await pageIdentity())?.permissions.includes("meeting.edit") ?? false;
  await Promise.all([
    prefetch(serverTrpc.meeting.list.queryOptions(queryOf(filter))),
    mayEdit ? prefetchDuties(filter.orgId) : null,
  ]);
  return (
    <Hydrated>
      <MeetingList />
    </Hydrated>
  );
}

async function prefetchDuties(orgId: number | null): Promise<void> {
  await prefetch(serverTrpc.meeting.branches.queryOptions());
  const branches = await (await api()).meeting.branches();
  const branch = branches.find(({ id }) => id === orgId) ?? branches[0];
  if (branch) await prefetch(serverTrpc.meeting.duties.queryOptions({ orgId: branch.id }));
}
