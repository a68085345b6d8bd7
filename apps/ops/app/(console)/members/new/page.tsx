import type { Metadata } from "next";
import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { requireScope } from "@/lib/server.ts";
import { NewMember } from "./new-member.tsx";

export const metadata: Metadata = { title: "登记党员" };

export default async function NewMemberPage() {
  await requireScope();
  await prefetch(serverTrpc.org.tree.queryOptions({}));
  return (
    <Hydrated>
      <NewMember />
    </Hydrated>
  );
}
