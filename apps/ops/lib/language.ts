import "server-only";
import type { Language } from "@xianfeng/ui/messages";
import { cookies } from "next/headers";

/** The reader's language: Simplified Chinese unless the cookie `language` asks for English. */
export async function pageLanguage(): Promise<Language> {
  return (await cookies()).get("language")?.value === "en" ? "en" : "zh-CN";
}
