/** What a system administrator sees of messages: that they go out, not what they say, and recipients only masked. */
import type { Prisma } from "@xianfeng/db";
import { audit, type Context, calendar, DomainError, listPage, notFound } from "../kernel/index.ts";
import { maskName } from "../member/index.ts";
import { type Channel, type MessageState, messageStates } from "./message.rules.ts";
import type { OutboxFilter, OutboxList } from "./message.schema.ts";

/** The one translation of the page's conditions into a query. */
const outboxWhere = (ctx: Context, { channel, state, day }: OutboxFilter): Prisma.OutboxMessageWhereInput => ({
  tenantId: ctx.scope.tenantId,
  ...(channel ? { channel } : {}),
  ...(state ? { state } : {}),
  ...(day
    ? {
        createdAt: {
          gte: calendar.instantOf(day, "00:00"),
          lt: calendar.instantOf(calendar.addDays(day, 1), "00:00"),
        },
      }
    : {}),
});

/** One page of messages, newest first: state, attempts and the reason of a failure. No subject, no text, no whole name or address. */
export async function listOutbox(ctx: Context, input: OutboxList) {
  const where = outboxWhere(ctx, input);
  return listPage(
    input,
    async (slice) => {
      const rows = await ctx.tx.outboxMessage.findMany({
        where,
        orderBy: { id: "desc" },
        omit: { subject: true, body: true, href: true, dedupeKey: true },
        ...slice,
      });
      const recipients = await recipientsOf(
        ctx,
        rows.map((row) => row.principalId),
      );
      return rows.map((row) => ({
        id: row.id,
        kind: row.kind,
        channel: row.channel as Channel,
        state: row.state as MessageState,
        recipient: recipients.get(row.principalId) ?? { name: "—", mail: null },
        attempts: row.attempts,
        reason: row.lastError,
        createdAt: row.createdAt,
        nextAttemptAt: row.nextAttemptAt,
        expiresAt: row.expiresAt,
        sentAt: row.sentAt ?? row.readAt,
        mayRetry: mayRetry(row, ctx.now),
      }));
    },
    (limit) => ctx.tx.outboxMessage.findMany({ where, select: { id: true }, take: limit }).then((rows) => rows.length),
  );
}

/** How many messages each state has under the same other conditions. */
export async function countOutbox(ctx: Context, filter: OutboxFilter): Promise<Record<MessageState, number>> {
  const groups = await ctx.tx.outboxMessage.groupBy({ by: ["state"], where: outboxWhere(ctx, filter), _count: true });
  const countOf = new Map(groups.map((group) => [group.state, group._count]));
  return Object.fromEntries(messageStates.map((state) => [state, countOf.get(state) ?? 0])) as Record<
    MessageState,
    number
  >;
}

/** Masked name of whose account it is, and the masked address of the person. */
async function recipientsOf(ctx: Context, principalIds: readonly string[]) {
  const principals = await ctx.tx.principal.findMany({
    where: { id: { in: [...new Set(principalIds)] } },
    select: { id: true, displayName: true, person: { select: { private: { select: { mailMask: true } } } } },
  });
  return new Map(
    principals.map(({ id, displayName, person }) => [
      id,
      { name: maskName(displayName), mail: person?.private?.mailMask ?? null },
    ]),
  );
}

const mayRetry = (row: { channel: string; state: string; expiresAt: Date | null }, now: Date): boolean =>
  row.channel === "mail" && row.state === "failed" && row.expiresAt !== null && row.expiresAt > now;

/** Lets a failed mail be tried again from the first attempt on, as long as it is still worth reading. Twice is once. */
export async function retryMessage(ctx: Context, { id }: { id: string }): Promise<void> {
  const row = await ctx.tx.outboxMessage.findFirst({ where: { id, tenantId: ctx.scope.tenantId, channel: "mail" } });
  if (!row) throw notFound();
  if (row.state !== "failed") return;
  if (!mayRetry(row, ctx.now))
    throw new DomainError("state", "已过有效时间，不再发送；消息在站内可以看到", "Too late to send this mail");
  const { count } = await ctx.tx.outboxMessage.updateMany({
    where: { id, state: "failed" },
    data: { state: "waiting", attempts: 0, lastError: null, nextAttemptAt: ctx.now },
  });
  if (count === 0) return;
  await audit(ctx, { action: "outbox.retry", subjectKind: "message", subjectId: id });
}
