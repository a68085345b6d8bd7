import type { Metadata } from "next";
import { requireScope } from "@/lib/server.ts";
import { PhoneSeen } from "./phone-seen.tsx";

export const metadata: Metadata = { title: "谁看过我的信息" };

export default async function Page() {
  await requireScope();
  return <PhoneSeen />;
}
