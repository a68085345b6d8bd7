import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { PhoneHistory } from "./phone-history.tsx";

export const metadata: Metadata = { title: "我的参会记录" };

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const scope = await requireScope();
  const { year } = await searchParams;
  const asked = /^20\d\d$/.test(String(year)) ? Number(year) : Number(scope.today.slice(0, 4));
  await prefetch(serverTrpc.myMeeting.history.queryOptions({ year: asked, page: 1, size: 100 }));
  return (
    <Hydrated>
      <PhoneHistory year={asked} thisYear={Number(scope.today.slice(0, 4))} />
    </Hydrated>
  );
}
