import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { pageIdentity, requireScope } from "@/lib/server.ts";
import { PhoneMe } from "./phone-me.tsx";

export const metadata: Metadata = { title: "我的" };

export default async function Page() {
  const { personId } = await requireScope();
  const identity = await pageIdentity();
  if (!identity) redirect("/password");
  return (
    <PhoneMe
      isPerson={personId !== null}
      name={identity.displayName}
      orgName={identity.orgName}
      roleTitle={identity.roleTitle}
      mayConsole={identity.permissions.includes("workbench.read")}
    />
  );
}
