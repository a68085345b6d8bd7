import { inTenant } from "@xianfeng/db";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { demoAccounts } from "@/lib/demo-accounts.ts";
import { safeNext } from "@/lib/guard.ts";
import { pageContext, parts } from "@/lib/server.ts";
import { SignInPage } from "./sign-in-page.tsx";

export const metadata: Metadata = { title: "登录" };

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { next } = await searchParams;
  const to = safeNext(typeof next === "string" ? next : null);
  const { scope } = await pageContext();
  if (scope) redirect(scope.mustChangePassword ? "/password" : to);
  return <SignInPage next={to} organisation={await organisationName()} demo={await demoAccounts()} />;
}

/** Name of the one customer of this installation; empty when there are several. */
async function organisationName(): Promise<string> {
  const { db } = parts();
  const tenants = await db.authUser.findMany({ distinct: ["tenantId"], select: { tenantId: true }, take: 2 });
  const only = tenants.length === 1 ? tenants[0] : undefined;
  if (!only) return "";
  return inTenant(db, only.tenantId, async (tx) => {
    const root = await tx.partyOrg.findFirst({ where: { parentId: null }, orderBy: { id: "asc" } });
    return root?.shortName ?? "";
  });
}
