import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { PhoneNotices } from "./phone-notices.tsx";

export const metadata: Metadata = { title: "消息" };

export default async function Page() {
  await requireScope();
  await prefetch(serverTrpc.myMeeting.notices.queryOptions());
  return (
    <Hydrated>
      <PhoneNotices />
    </Hydrated>
  );
}
