import { type Context, notFound } from "../kernel/index.ts";
import { mailPreference } from "../message/index.ts";

/** Where the caller gets mails, masked, and whether he wants them. @throws DomainError not_found for an account that is nobody's */
export async function ownMail(ctx: Context) {
  if (!ctx.scope.personId) throw notFound();
  const found = await ctx.tx.personPrivate.findUnique({
    where: { personId: ctx.scope.personId },
    select: { mailMask: true },
  });
  if (!found) throw notFound();
  return { mask: found.mailMask, ...(await mailPreference(ctx)) };
}
