import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { pageContext } from "@/lib/server.ts";
import { PasswordPage } from "./password-page.tsx";

export const metadata: Metadata = { title: "修改密码" };

export default async function Page() {
  const { scope } = await pageContext();
  if (!scope) redirect("/sign-in?next=/password");
  return <PasswordPage forced={scope.mustChangePassword} name={scope.displayName} />;
}
