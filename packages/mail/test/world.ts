import { randomUUID } from "node:crypto";
import { createDb, encrypt } from "@xianfeng/db";
import { migrate } from "@xianfeng/db/migrate";
import { createTestDatabase } from "@xianfeng/stack/testing";

export const dataKey = "mail-tests-data-key-000000000000";

/** Words that may stand in a mail and in the database, and nowhere else. */
export const secrets = { subject: "会议通知丙", body: "时间：11月25日 15:00。" };

/** A migrated database with two tenants; people with an account and an address, and mails that wait for them. */
export async function createWorld() {
  const database = await createTestDatabase();
  await migrate(database.owner);
  const owner = createDb(database.owner);
  const app = createDb(database.app);
  const tenants = [
    (await owner.tenant.create({ data: { code: "one" } })).id,
    (await owner.tenant.create({ data: { code: "two" } })).id,
  ] as const;

  type Recipient = { mail?: string | null; enabled?: boolean; quietHours?: boolean; tenant?: 0 | 1 };

  /** Somebody with an account. @returns the ids of both */
  async function recipient({ mail = "zhao@example.edu.cn", enabled, quietHours, tenant = 0 }: Recipient = {}) {
    const tenantId = tenants[tenant];
    const userId = randomUUID();
    await owner.authUser.create({ data: { id: userId, name: userId, email: `${userId}@users.invalid`, tenantId } });
    const mailEnc = mail === null ? null : encrypt({ dataKey }, mail);
    const { id: personId } = await owner.person.create({
      data: { tenantId, private: { create: { tenantId, name: "赵", pinyin: "zhao", initials: "z", mailEnc } } },
    });
    const { id: principalId } = await owner.principal.create({
      data: { tenantId, userId, personId, displayName: "赵" },
    });
    if (enabled !== undefined || quietHours !== undefined)
      await owner.messagePreference.create({
        data: { tenantId, principalId, channel: "mail", enabled: enabled ?? true, quietHours: quietHours ?? true },
      });
    return { tenantId, principalId, personId };
  }

  /** A mail that waits since `at`, for a day. */
  async function message(to: { tenantId: number; principalId: string }, at: Date): Promise<string> {
    const { id } = await owner.outboxMessage.create({
      data: {
        tenantId: to.tenantId,
        principalId: to.principalId,
        dedupeKey: randomUUID(),
        kind: "meeting.published",
        channel: "mail",
        ...secrets,
        href: "/m/meetings/0199",
        createdAt: at,
        nextAttemptAt: at,
        expiresAt: new Date(at.getTime() + 24 * 3_600_000),
      },
    });
    return id;
  }

  return {
    database,
    owner,
    app,
    recipient,
    message,
    row: (id: string) => owner.outboxMessage.findUniqueOrThrow({ where: { id } }),
    async clear() {
      await owner.outboxMessage.deleteMany();
    },
    async close() {
      await Promise.all([owner.$disconnect(), app.$disconnect()]);
      await database.drop();
    },
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;
