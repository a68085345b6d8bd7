import type { Language } from "@xianfeng/ui/messages";

/** Simplified Chinese unless the cookie `language`, set by the console, asks for English. */
export const pageLanguage = (cookie: string | null): Language =>
  /(?:^|;\s*)language=en(?:;|$)/.test(cookie ?? "") ? "en" : "zh-CN";
