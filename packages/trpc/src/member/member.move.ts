import { can } from "@xianfeng/auth";
import {
  audit,
  type Context,
  calendar,
  changeFrom,
  correctRow,
  endOn,
  invalid,
  notFound,
  type Span,
} from "../kernel/index.ts";
import { findOrg, isBranch } from "../org/index.ts";
import { claimVersion, loadPerson } from "./member.load.ts";
import type { CorrectStatus, Transfer } from "./member.schema.ts";

const spanOf = (row: { id: string; validFrom: Date; validTo: Date | null }): Span => ({
  id: row.id,
  validFrom: calendar.fromColumn(row.validFrom),
  validTo: row.validTo ? calendar.fromColumn(row.validTo) : null,
});
const datesOf = (row: { validFrom: string; validTo: string | null }) => ({
  validFrom: calendar.toColumn(row.validFrom),
  validTo: row.validTo ? calendar.toColumn(row.validTo) : null,
});

/**
 * Moves a person to another branch that the caller looks after, from a day on, on both time axes. Posts in the old branch end.
 * What was recorded at the old branch stays there.
 */
export async function transferMember(ctx: Context, input: Transfer): Promise<void> {
  const person = await loadPerson(ctx, "member.edit", input.id);
  const to = await findOrg(ctx.tx, input.toOrgId);
  if (!to || !can(ctx.scope, "member.edit", to)) throw notFound();
  if (!isBranch(to.kind) || to.dissolvedOn)
    throw invalid("只能转到未撤销的党支部", "Only to a living branch", { toOrgId: "请选择党支部" });
  if (input.on > ctx.scope.today)
    throw invalid("转接日期不能晚于今天", "In the future", { on: "转接日期不能晚于今天" });
  if (input.on < to.openedOn)
    throw invalid(`转接日期不能早于该支部成立日期（${to.openedOn}）`, "Before the branch existed", {
      on: "请核对转接日期",
    });
  await claimVersion(ctx, input.id, input.version);
  const rows = person.memberships
    .filter((row) => row.kind === "direct")
    .map((row) => ({ ...spanOf(row), orgId: row.orgId, groupId: row.groupId, causeKind: row.causeKind }));
  const from = rows.find((row) => row.validTo === null);
  if (from?.orgId === to.id) throw invalid("他现在就在这个支部", "Already there", { toOrgId: "请选择别的支部" });
  const change = { orgId: to.id, groupId: null, causeKind: "transfer" };
  const { supersede, insert } = changeFrom(rows, input.on, change);
  await ctx.tx.membership.updateMany({ where: { id: { in: supersede } }, data: { supersededAt: ctx.now } });
  await ctx.tx.membership.createMany({
    data: insert.map(({ orgId, groupId, causeKind, ...row }) => ({
      tenantId: ctx.scope.tenantId,
      personId: person.id,
      orgId,
      groupId,
      kind: "direct",
      causeKind,
      recordedAt: ctx.now,
      ...datesOf(row),
    })),
  });
  if (from) await endPosts(ctx, person.id, from.orgId, input.on);
  await audit(ctx, {
    action: "member.transfer",
    subjectKind: "person",
    subjectId: person.id,
    orgId: to.id,
    reason: input.reason,
    fields: ["branch"],
  });
}

async function endPosts(ctx: Context, personId: string, orgId: number, on: string): Promise<void> {
  const posts = await ctx.tx.post.findMany({ where: { personId, orgId, supersededAt: null } });
  for (const post of posts) {
    const { supersede, insert } = endOn([{ ...spanOf(post), kind: post.kind }], on);
    await ctx.tx.post.updateMany({ where: { id: { in: supersede } }, data: { supersededAt: ctx.now } });
    await ctx.tx.post.createMany({
      data: insert.map((row) => ({
        tenantId: ctx.scope.tenantId,
        personId,
        orgId,
        kind: row.kind,
        recordedAt: ctx.now,
        ...datesOf(row),
      })),
    });
  }
}

/**
 * Corrects what was recorded about a person's identity: what it was, or the day it began. The wrong row stays, marked with the time
 * until which it was believed; sealed reports are not touched. 入党时间 and 转正时间 follow the rows they come from.
 */
export async function correctStatus(ctx: Context, input: CorrectStatus): Promise<void> {
  const person = await loadPerson(ctx, "member.edit", input.id);
  const rows = person.statuses.map((row) => ({ ...spanOf(row), identity: row.identity }));
  const wrong = rows.find((row) => row.id === input.statusId);
  if (!wrong) throw notFound();
  if (input.validFrom > ctx.scope.today)
    throw invalid("开始日期不能晚于今天", "In the future", { validFrom: "开始日期不能晚于今天" });
  if (wrong.identity === input.identity && wrong.validFrom === input.validFrom)
    throw invalid("没有改动，不需要更正", "Nothing to correct");
  await claimVersion(ctx, input.id, input.version);
  const { supersede, insert } = correctRow(rows, input.statusId, {
    identity: input.identity,
    validFrom: input.validFrom,
  });
  await ctx.tx.personStatus.updateMany({ where: { id: { in: supersede } }, data: { supersededAt: ctx.now } });
  await ctx.tx.personStatus.createMany({
    data: insert.map(({ identity, ...row }) => ({
      tenantId: ctx.scope.tenantId,
      personId: person.id,
      identity,
      recordedAt: ctx.now,
      ...datesOf(row),
    })),
  });
  const believed = [...rows.filter((row) => !supersede.includes(row.id)), ...insert];
  const firstDay = (identity: string) =>
    believed
      .filter((row) => row.identity === identity)
      .map((row) => row.validFrom)
      .sort()[0];
  const follow = (identity: string, day: Date | null) => {
    const touched = wrong.identity === identity || input.identity === identity;
    const now = firstDay(identity);
    return touched ? (now ? calendar.toColumn(now) : null) : day;
  };
  const data = {
    joinedOn: follow("probationary_member", person.joinedOn),
    convertedOn: follow("full_member", person.convertedOn),
  };
  await ctx.tx.person.update({ where: { id: person.id }, data });
  await audit(ctx, {
    action: "member.correct_status",
    subjectKind: "person",
    subjectId: person.id,
    reason: input.reason,
    fields: [
      wrong.identity !== input.identity ? "identity" : "",
      wrong.validFrom !== input.validFrom ? "validFrom" : "",
    ].filter(Boolean),
  });
}
