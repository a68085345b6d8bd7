import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { PhoneHome } from "./phone-home.tsx";

export const metadata: Metadata = { title: "首页" };

export default async function Page() {
  await requireScope();
  await prefetch(serverTrpc.myMeeting.home.queryOptions());
  return (
    <Hydrated>
      <PhoneHome />
    </Hydrated>
  );
}
