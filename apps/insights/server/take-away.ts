import type { Scope } from "@xianfeng/auth";
import { type Db, inTenant } from "@xianfeng/db";
import { asOf as dataTime, moment } from "@xianfeng/ui/format";
import type { Named } from "./query/define.ts";

const actions = { evaluation_run: "evaluation.export", meeting: "meeting.export" } as const;

/**
 * Writes into the trail that names of people leave the house in a file: who, which rows, when.
 * @returns the line above the file's head; it names the account, so that a file that turns up elsewhere says where it came from
 */
export async function takeAway(
  db: Db,
  scope: Scope,
  requestId: string,
  named: Named,
  asOf: string | null,
  now: Date,
): Promise<string> {
  const { subjectKind, subjectId, orgId, source } = named;
  const username = await inTenant(db, scope.tenantId, async (tx) => {
    await tx.auditEvent.create({
      data: {
        tenantId: scope.tenantId,
        principalId: scope.principalId,
        requestId,
        action: actions[subjectKind],
        subjectKind,
        subjectId,
        orgId,
        fields: ["name"],
      },
    });
    const principal = await tx.principal.findUnique({
      where: { id: scope.principalId },
      select: { user: { select: { username: true } } },
    });
    return principal?.user?.username ?? "";
  });
  const when = moment(now.toISOString(), 0);
  const time = asOf ? dataTime(asOf, "") : "—";
  return `内部资料，不得外传。${scope.displayName}（${username}）于${when}导出；${source}；数据截至 ${time}；编号 ${requestId.slice(0, 8)}`;
}
