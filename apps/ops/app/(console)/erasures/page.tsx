import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { pageIdentity, requireScope } from "@/lib/server.ts";
import { Erasures } from "./erasures.tsx";

export const metadata: Metadata = { title: "信息删除" };

export default async function ErasuresPage() {
  await requireScope();
  const identity = await pageIdentity();
  if (!identity?.permissions.includes("erasure.decide")) notFound();
  await prefetch(serverTrpc.erasure.list.queryOptions({ page: 1 }));
  return (
    <Hydrated>
      <Erasures />
    </Hydrated>
  );
}
