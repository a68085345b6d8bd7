import type { Context } from "./trpc.ts";

/** What happened, for the trail: names of the changed fields, never their values. */
export type AuditEntry = {
  action: string;
  subjectKind: string;
  subjectId: string;
  orgId?: number;
  reason?: string;
  clause?: string;
  fields?: string[];
};

/** Writes the trail in the same transaction as the change itself. */
export async function audit(ctx: Context, entry: AuditEntry): Promise<void> {
  await ctx.tx.auditEvent.create({
    data: {
      tenantId: ctx.scope.tenantId,
      principalId: ctx.scope.principalId,
      requestId: ctx.requestId,
      action: entry.action,
      subjectKind: entry.subjectKind,
      subjectId: entry.subjectId,
      orgId: entry.orgId ?? null,
      reason: entry.reason ?? null,
      clause: entry.clause ?? null,
      fields: entry.fields ?? [],
    },
  });
}
