import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { pageIdentity, requireScope } from "@/lib/server.ts";
import { Member } from "./member.tsx";

export const metadata: Metadata = { title: "党员信息" };

export default async function MemberPage({ params }: { params: Promise<{ id: string }> }) {
  await requireScope();
  const { id } = await params;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) notFound();
  const identity = await pageIdentity();
  await Promise.all([
    prefetch(serverTrpc.member.detail.queryOptions({ id })),
    identity?.permissions.includes("erasure.request") && prefetch(serverTrpc.erasure.about.queryOptions({ id })),
  ]);
  return (
    <Hydrated>
      <Member id={id} />
    </Hydrated>
  );
}
