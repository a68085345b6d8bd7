import type { Context } from "../kernel/index.ts";

/** How somebody wants mails: at all, and whether they wait until the morning. */
export type MailPreference = { enabled: boolean; quietHours: boolean };

/** The caller's preference; without a row mails are wanted and wait for the morning. */
export async function mailPreference(ctx: Context): Promise<MailPreference> {
  const row = await ctx.tx.messagePreference.findUnique({
    where: { principalId_channel: { principalId: ctx.scope.principalId, channel: "mail" } },
  });
  return { enabled: row?.enabled ?? true, quietHours: row?.quietHours ?? true };
}

export async function setMailPreference(ctx: Context, wanted: MailPreference): Promise<void> {
  const { principalId, tenantId } = ctx.scope;
  await ctx.tx.messagePreference.upsert({
    where: { principalId_channel: { principalId, channel: "mail" } },
    create: { principalId, tenantId, channel: "mail", ...wanted },
    update: wanted,
  });
}
