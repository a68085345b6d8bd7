import { notFound, redirect } from "next/navigation";
import type { ReactNode } from "react";
import { ConsoleFrame } from "@/components/console-frame.tsx";
import { pageIdentity, requireScope } from "@/lib/server.ts";

/** Frame of the pages about the system itself: no Party affairs are on them. */
export default async function SystemLayout({ children }: { children: ReactNode }) {
  const scope = await requireScope();
  const identity = await pageIdentity();
  if (!identity) redirect("/password");
  if (!identity.permissions.includes("outbox.read")) notFound();
  return (
    <ConsoleFrame identity={identity} today={scope.today}>
      {children}
    </ConsoleFrame>
  );
}
