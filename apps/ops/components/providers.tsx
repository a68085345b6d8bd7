"use client";

import { xianfengTheme } from "@xianfeng/ui/antd";
import { type Language, LanguageProvider } from "@xianfeng/ui/messages";
import { App, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import type { ReactNode } from "react";
import { giveStylesTheNonce } from "@/lib/style-nonce.ts";
import { CallProvider } from "@/lib/trpc.tsx";
import { SessionDialog } from "./session-dialog.tsx";
import { StyleRegistry } from "./style-registry.tsx";

/** Words under a required field that is empty. */
const requiredWords = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by antd
  "zh-CN": { required: "请填写${label}" },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by antd
  en: { required: "${label} is required" },
};

if (typeof document !== "undefined") giveStylesTheNonce();

/** Everything that all pages stand in: styles, theme, language, calls, and the dialog for a session that ended. */
export function Providers({
  nonce,
  language,
  principalId,
  children,
}: {
  nonce: string;
  /** Whose page this is; null before sign-in. */
  principalId: string | null;
  language: Language;
  children: ReactNode;
}) {
  dayjs.locale(language === "zh-CN" ? "zh-cn" : "en");
  return (
    <StyleRegistry nonce={nonce}>
      <ConfigProvider
        theme={xianfengTheme}
        locale={language === "zh-CN" ? zhCN : enUS}
        csp={{ nonce }}
        button={{ autoInsertSpace: false }}
        form={{ requiredMark: true, validateMessages: requiredWords[language] }}
      >
        <LanguageProvider language={language}>
          <App>
            <CallProvider>
              {children}
              <SessionDialog principalId={principalId} />
            </CallProvider>
          </App>
        </LanguageProvider>
      </ConfigProvider>
    </StyleRegistry>
  );
}
