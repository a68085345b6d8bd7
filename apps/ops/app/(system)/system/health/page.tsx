import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { pageIdentity, requireScope } from "@/lib/server.ts";
import { Health } from "./health.tsx";

export const metadata: Metadata = { title: "系统状态" };

export default async function HealthPage() {
  await requireScope();
  if (!(await pageIdentity())?.permissions.includes("system.read")) notFound();
  await prefetch(serverTrpc.health.get.queryOptions());
  return (
    <Hydrated>
      <Health />
    </Hydrated>
  );
}
