import type { Context } from "../kernel/index.ts";
import { type MessageKind, mailExpiry } from "./message.rules.ts";

type Words = { subject: string; body: string };

/**
 * Something that people are to know. `mail` leaves our house: no title, place, reason or name in it, only that there is something to read.
 * `key` makes it go out once for each person and channel, however often it is asked for.
 */
export type Notice = {
  kind: MessageKind;
  key: string;
  href: string;
  inApp: Words;
  mail: Words;
  /** After this nobody needs the mail any more. */
  usefulUntil: Date;
};

/**
 * Leaves a message in the transaction of what caused it: in the app for everybody of these people who has an account, by mail for those
 * who have an address and did not switch it off. @returns how many got one in the app
 */
export async function enqueue(ctx: Context, personIds: readonly string[], notice: Notice): Promise<number> {
  const principals = await ctx.tx.principal.findMany({
    where: { personId: { in: [...personIds] }, disabledAt: null },
    select: { id: true, personId: true },
    orderBy: { id: "asc" },
  });
  const common = { tenantId: ctx.scope.tenantId, kind: notice.kind, href: notice.href, nextAttemptAt: ctx.now };
  const { count } = await ctx.tx.outboxMessage.createMany({
    data: principals.map(({ id }) => ({
      ...common,
      ...notice.inApp,
      dedupeKey: `${notice.key}:${id}`,
      channel: "in_app",
      principalId: id,
    })),
    skipDuplicates: true,
  });
  await dropOlderMails(ctx, notice);
  await ctx.tx.outboxMessage.createMany({
    data: (await readersOfMail(ctx, principals)).map(({ principalId, personId }) => ({
      ...common,
      ...notice.mail,
      dedupeKey: `${notice.key}:${personId}:mail`,
      channel: "mail",
      principalId,
      expiresAt: mailExpiry(ctx.now, notice.usefulUntil),
    })),
    skipDuplicates: true,
  });
  return count;
}

/**
 * Mails about the same thing that still wait, for the morning perhaps, are overtaken: nobody needs an invitation and its cancellation together.
 * One that is being sent right now is left alone, because its sender would make us wait.
 */
const dropOlderMails = ({ tx, now }: Context, { href, key }: Notice): Promise<number> =>
  tx.$executeRaw`
    UPDATE outbox_message SET state = 'dropped', last_error = 'overtaken', updated_at = ${now}
    WHERE id IN (SELECT id FROM outbox_message
      WHERE channel = 'mail' AND state IN ('waiting', 'not_configured') AND href = ${href}
        AND NOT starts_with(dedupe_key, ${`${key}:`})
      FOR UPDATE SKIP LOCKED)`;

/** Who gets a mail: has an address, did not switch mails off with any of his accounts. One mail for a person, not for each account. */
async function readersOfMail(ctx: Context, principals: readonly { id: string; personId: string | null }[]) {
  const reachable = await ctx.tx.personPrivate.findMany({
    where: { personId: { in: principals.flatMap(({ personId }) => personId ?? []) }, mailEnc: { not: null } },
    select: { personId: true },
  });
  if (reachable.length === 0) return [];
  const off = await ctx.tx.messagePreference.findMany({
    where: { principalId: { in: principals.map(({ id }) => id) }, channel: "mail", enabled: false },
    select: { principalId: true },
  });
  const unwanted = new Set(off.map(({ principalId }) => principalId));
  return reachable.flatMap(({ personId }) => {
    const accounts = principals.filter((principal) => principal.personId === personId);
    const [first] = accounts;
    return first && !accounts.some(({ id }) => unwanted.has(id)) ? [{ personId, principalId: first.id }] : [];
  });
}
