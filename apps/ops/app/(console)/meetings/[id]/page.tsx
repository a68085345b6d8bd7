import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { api, requireScope } from "@/lib/server.ts";
import { MeetingDetail } from "../meeting-detail.tsx";
import "../meetings.css";
import "../detail.css";

export const metadata: Metadata = { title: "会议" };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const scope = await requireScope();
  const { id } = await params;
  const found = await (await api()).meeting.get({ id }).catch(() => null);
  if (!found) notFound();
  await Promise.all([
    prefetch(serverTrpc.meeting.get.queryOptions({ id })),
    prefetch(serverTrpc.meeting.attendance.queryOptions({ id })),
    prefetch(serverTrpc.meeting.trail.queryOptions({ id })),
  ]);
  return (
    <Hydrated>
      <MeetingDetail id={id} principalId={scope.principalId} />
    </Hydrated>
  );
}
