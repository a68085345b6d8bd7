import { shellWords } from "@xianfeng/ui/messages/shell";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { ConsoleFrame } from "@/components/console-frame.tsx";
import { Empty } from "@/components/states.tsx";
import { pageLanguage } from "@/lib/language.ts";
import { pageIdentity, requireScope } from "@/lib/server.ts";

/** Frame of all desk pages. Somebody who is only a member has his pages on the phone side. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const scope = await requireScope();
  const identity = await pageIdentity();
  if (!identity) redirect("/password");
  if (!identity.permissions.includes("workbench.read")) {
    if (identity.permissions.includes("me.read")) redirect("/m");
    if (identity.permissions.includes("cockpit.read")) redirect("/insights/cockpit");
    const words = shellWords[await pageLanguage()];
    return (
      <ConsoleFrame identity={identity} today={scope.today}>
        <Empty title={words.noWork} how={words.noWorkHow} />
      </ConsoleFrame>
    );
  }
  return (
    <ConsoleFrame identity={identity} today={scope.today}>
      {children}
    </ConsoleFrame>
  );
}
