/** The statements of the sender, inside a transaction of one tenant. */
import type { Db, Tx } from "@xianfeng/db";

/** Tenants with accounts: the one list that the role of the apps may read without naming a tenant first. */
export async function tenantsOf(db: Db): Promise<number[]> {
  const rows = await db.$queryRaw<{ id: number }[]>`SELECT DISTINCT tenant_id AS id FROM auth_user ORDER BY 1`;
  return rows.map(({ id }) => id);
}

/** Mails whose time is over never go out. What another sender holds right now is left to it. */
export const expire = (tx: Tx, now: Date): Promise<number> =>
  tx.$executeRaw`
    UPDATE outbox_message SET state = 'expired', updated_at = ${now}
    WHERE id IN (SELECT id FROM outbox_message
      WHERE channel = 'mail' AND state IN ('waiting', 'not_configured') AND expires_at <= ${now}
      FOR UPDATE SKIP LOCKED)`;

/** Without a mail service nothing waits: it is not going out, and the list says so. */
export const markNotConfigured = (tx: Tx, now: Date): Promise<number> =>
  tx.$executeRaw`
    UPDATE outbox_message SET state = 'not_configured', updated_at = ${now}
    WHERE id IN (SELECT id FROM outbox_message WHERE channel = 'mail' AND state = 'waiting' FOR UPDATE SKIP LOCKED)`;

/** With a mail service again, what was left waits for its turn: for the morning, perhaps. */
export const markConfigured = (tx: Tx, now: Date): Promise<number> =>
  tx.$executeRaw`
    UPDATE outbox_message SET state = 'waiting', updated_at = ${now}
    WHERE id IN (SELECT id FROM outbox_message WHERE channel = 'mail' AND state = 'not_configured'
      FOR UPDATE SKIP LOCKED)`;

export type Due = {
  id: string;
  principalId: string;
  subject: string;
  body: string;
  href: string | null;
  attempts: number;
};

/**
 * The next mail that is due, locked until the transaction ends; another sender takes the one after it. A sender that dies lets go of it
 * by dying. In the `quiet` night only mails to people who want them at night.
 */
export async function claim(tx: Tx, now: Date, quiet: boolean): Promise<Due | undefined> {
  const rows = await tx.$queryRaw<Due[]>`
    SELECT message.id, message.principal_id AS "principalId", subject, body, href, attempts
    FROM outbox_message message
    WHERE channel = 'mail' AND state IN ('waiting', 'not_configured')
      AND next_attempt_at <= ${now} AND expires_at > ${now}
      AND (${!quiet}::boolean OR EXISTS (SELECT FROM message_preference preference
        WHERE preference.principal_id = message.principal_id AND preference.channel = 'mail' AND NOT quiet_hours))
    ORDER BY next_attempt_at, message.id
    LIMIT 1 FOR UPDATE OF message SKIP LOCKED`;
  return rows[0];
}

/** The encrypted address of whose account it is, or why there is nobody to write to any more. */
export async function recipientOf(
  tx: Tx,
  principalId: string,
): Promise<{ mailEnc: Uint8Array } | { dropped: "switched_off" | "no_address" | "no_account" }> {
  const principal = await tx.principal.findFirst({
    where: { id: principalId, disabledAt: null },
    select: { person: { select: { private: { select: { mailEnc: true } } } } },
  });
  if (!principal) return { dropped: "no_account" };
  const preference = await tx.messagePreference.findUnique({
    where: { principalId_channel: { principalId, channel: "mail" } },
  });
  if (preference && !preference.enabled) return { dropped: "switched_off" };
  const mailEnc = principal.person?.private?.mailEnc;
  return mailEnc ? { mailEnc } : { dropped: "no_address" };
}
