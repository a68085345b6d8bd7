import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { PhoneMeeting } from "./phone-meeting.tsx";

export const metadata: Metadata = { title: "会议" };

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requireScope();
  const { id } = await params;
  const { leave } = await searchParams;
  await prefetch(serverTrpc.myMeeting.get.queryOptions({ id }));
  return (
    <Hydrated>
      <PhoneMeeting id={id} leaveFirst={leave === "1"} />
    </Hydrated>
  );
}
