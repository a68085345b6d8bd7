import "@xianfeng/ui/fonts.css";
import "@xianfeng/ui/theme.css";
import "./console.css";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "@/components/providers.tsx";
import { pageLanguage } from "@/lib/language.ts";
import { pageContext } from "@/lib/server.ts";

export const metadata: Metadata = {
  title: { default: "先锋", template: "%s · 先锋" },
  description: "党务工作台",
  robots: { index: false, follow: false },
  icons: { icon: "/icon.svg" },
};
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? "";
  const language = await pageLanguage();
  const { scope } = await pageContext();
  return (
    <html lang={language}>
      <body>
        <Providers nonce={nonce} language={language} principalId={scope?.principalId ?? null}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
