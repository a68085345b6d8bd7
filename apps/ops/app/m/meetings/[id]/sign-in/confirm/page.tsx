import type { Metadata } from "next";
import { cookies } from "next/headers";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { ticketCookie } from "@/lib/ticket-cookie.ts";
import { SignInConfirm } from "./sign-in-confirm.tsx";

export const metadata: Metadata = { title: "会议签到" };

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requireScope();
  const { id } = await params;
  const { stale } = await searchParams;
  const ticket = stale ? null : ((await cookies()).get(ticketCookie)?.value ?? null);
  await prefetch(serverTrpc.myMeeting.get.queryOptions({ id }));
  return (
    <Hydrated>
      <SignInConfirm id={id} ticket={ticket} stale={stale === "1"} />
    </Hydrated>
  );
}
