import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { api, requireScope } from "@/lib/server.ts";
import { SignInScreen } from "./sign-in-screen.tsx";
import "./screen.css";

export const metadata: Metadata = { title: "签到大屏" };

/** The code on the wall, without the frame of the console. */
export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  await requireScope();
  const { id } = await params;
  const found = await (await api()).meeting.live({ id }).catch(() => null);
  if (!found) notFound();
  await prefetch(serverTrpc.meeting.live.queryOptions({ id }));
  return (
    <Hydrated>
      <SignInScreen id={id} />
    </Hydrated>
  );
}
