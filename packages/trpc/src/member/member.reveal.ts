import { decrypt } from "@xianfeng/db";
import { audit, type Context, calendar, invalid } from "../kernel/index.ts";
import { loadPerson } from "./member.load.ts";
import type { Reveal } from "./member.schema.ts";

/** How long a screen may show a full number, seconds. */
export const revealSeconds = 60;

const columns = { id_number: "idNumberEnc", phone: "phoneEnc", mail: "mailEnc" } as const;

/** One full number or address of one person, for a reason; the person concerned can read who looked, when and why (个保法 art. 44–45). */
export async function revealNumber(ctx: Context, input: Reveal): Promise<{ value: string; seconds: number }> {
  const person = await loadPerson(ctx, "member.reveal", input.id);
  const bytes = person.private[columns[input.field]];
  if (!bytes) throw invalid("这项信息还没有登记", "Not recorded");
  await ctx.tx.revealLog.create({
    data: {
      tenantId: ctx.scope.tenantId,
      personId: person.id,
      principalId: ctx.scope.principalId,
      field: input.field,
      reason: input.reason,
      note: input.note || null,
    },
  });
  await audit(ctx, {
    action: "member.reveal",
    subjectKind: "person",
    subjectId: person.id,
    reason: input.reason,
    fields: [input.field],
  });
  return { value: decrypt(ctx.keys, bytes), seconds: revealSeconds };
}

/** How often the caller has looked today: said before he looks again. */
export async function revealsToday(ctx: Context): Promise<number> {
  return ctx.tx.revealLog.count({
    where: { principalId: ctx.scope.principalId, createdAt: { gte: calendar.instantOf(ctx.scope.today, "00:00") } },
  });
}
