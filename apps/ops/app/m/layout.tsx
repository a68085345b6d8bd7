import type { Viewport } from "next";
import type { ReactNode } from "react";
import { pageContext } from "@/lib/server.ts";
import { KeptScans } from "./kept-scans.tsx";
import "./phone.css";

export const viewport: Viewport = { width: "device-width", initialScale: 1, themeColor: "#ffffff" };

/** Frame of the phone pages: one column, no wider than a phone. Pages bring bar and tabs themselves. */
export default async function PhoneLayout({ children }: { children: ReactNode }) {
  const { scope } = await pageContext();
  return (
    <div className="ph">
      {scope ? <KeptScans principalId={scope.principalId} /> : null}
      {children}
    </div>
  );
}
