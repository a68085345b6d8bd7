import { can, scopeWhere } from "@xianfeng/auth";
import { erasePerson, Prisma } from "@xianfeng/db";
import { audit, type Context, calendar, DomainError, invalid, listPage, notFound } from "../kernel/index.ts";
import { loadPerson } from "../member/index.ts";
import { basisOf, decisionProblem, type ErasureReason, type ErasureState } from "./erasure.rules.ts";
import type { CarryOut, ErasureList, RequestErasure } from "./erasure.schema.ts";

/** The branch that a person belongs to today. */
function branchOf(ctx: Context, person: Awaited<ReturnType<typeof loadPerson>>): number {
  const { today } = ctx.scope;
  const row = person.memberships.find(
    ({ kind, validFrom, validTo }) =>
      kind === "direct" &&
      calendar.fromColumn(validFrom) <= today &&
      (!validTo || calendar.fromColumn(validTo) > today),
  );
  if (!row) throw notFound();
  return row.orgId;
}

const openRequest = (ctx: Context, personId: string) =>
  ctx.tx.erasure.findFirst({ where: { personId, state: "requested" } });

async function namesOf(ctx: Context, principalIds: readonly (string | null)[]): Promise<Map<string, string>> {
  const ids = principalIds.filter((id) => id !== null);
  const rows = await ctx.tx.principal.findMany({ where: { id: { in: ids } }, select: { id: true, displayName: true } });
  return new Map(rows.map(({ id, displayName }) => [id, displayName]));
}

/** The open request about a person, if there is one, and what the caller may do about it. */
export async function aboutErasure(ctx: Context, { id }: { id: string }) {
  const person = await loadPerson(ctx, "erasure.request", id);
  const open = await openRequest(ctx, id);
  const org = await ctx.tx.partyOrg.findUniqueOrThrow({
    where: { id: branchOf(ctx, person) },
    include: { path: true },
  });
  const decides = can(ctx.scope, "erasure.decide", { ...org, path: org.path?.path ?? "" });
  const problem = open ? decisionProblem(open, ctx.scope) : null;
  return {
    request: open && {
      reason: open.reason as ErasureReason,
      basis: basisOf(open.reason as ErasureReason),
      by: (await namesOf(ctx, [open.requestedBy])).get(open.requestedBy) ?? null,
      at: open.createdAt,
    },
    may: {
      request: !open,
      withdraw: open?.requestedBy === ctx.scope.principalId,
      decide: open !== null && decides && problem === null,
    },
    /** Why somebody who decides on others may not decide on this one. */
    problem: decides ? problem : null,
  };
}

/** Asks for somebody to be erased. A second request while one is open is the same request. */
export async function requestErasure(ctx: Context, input: RequestErasure): Promise<void> {
  const person = await loadPerson(ctx, "erasure.request", input.id);
  const open = await openRequest(ctx, input.id);
  if (open?.requestedBy === ctx.scope.principalId && open.reason === input.reason) return;
  const known = () => new DomainError("conflict", "已经有人申请删除他的信息，正在等待处理", "Requested already");
  if (open) throw known();
  await ctx.tx.erasure
    .create({
      data: {
        tenantId: ctx.scope.tenantId,
        personId: person.id,
        orgId: branchOf(ctx, person),
        reason: input.reason,
        requestedBy: ctx.scope.principalId,
      },
    })
    .catch((error: unknown) => {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") throw known();
      throw error;
    });
  await trail(ctx, "erasure.request", person.id, input.reason);
}

const trail = (ctx: Context, action: string, personId: string, reason: string) =>
  audit(ctx, {
    action,
    subjectKind: "person",
    subjectId: personId,
    reason,
    clause: basisOf(reason as ErasureReason),
  });

/** Takes the caller's own request back. Twice is once. */
export async function withdrawErasure(ctx: Context, { id }: { id: string }): Promise<void> {
  await loadPerson(ctx, "erasure.request", id);
  const open = await openRequest(ctx, id);
  if (!open) return;
  if (open.requestedBy !== ctx.scope.principalId)
    throw new DomainError("state", "只有申请人可以撤回", "Only who asked may take it back");
  await settle(ctx, open, "withdrawn");
}

/** Leaves somebody as he is. */
export async function refuseErasure(ctx: Context, { id }: { id: string }): Promise<void> {
  await loadPerson(ctx, "erasure.decide", id);
  await settle(ctx, await decidable(ctx, id), "refused");
}

async function decidable(ctx: Context, personId: string) {
  const open = await openRequest(ctx, personId);
  if (!open) throw new DomainError("state", "没有待处理的删除申请，请刷新后再看", "Nothing is requested");
  const problem = decisionProblem(open, ctx.scope);
  if (problem) throw new DomainError("state", problem, "Not by this person");
  return open;
}

async function settle(
  ctx: Context,
  request: { id: string; personId: string; reason: string },
  state: Exclude<ErasureState, "requested">,
): Promise<void> {
  const { count } = await ctx.tx.erasure.updateMany({
    where: { id: request.id, state: "requested" },
    data: { state, decidedBy: ctx.scope.principalId, decidedAt: ctx.now },
  });
  if (count === 0) throw new DomainError("state", "申请刚被处理，请刷新后再看", "Decided meanwhile");
  const action = { carried_out: "erasure.carry_out", refused: "erasure.refuse", withdrawn: "erasure.withdraw" }[state];
  await trail(ctx, action, request.personId, request.reason);
}

/**
 * Erases everything personal of somebody whom another person asked to erase: private row, uploads, messages, reasons, account. Ids, dates
 * and figures stay. Cannot be undone; a second call by the same person changes nothing.
 */
export async function carryOutErasure(ctx: Context, input: CarryOut): Promise<{ counts: Record<string, number> }> {
  const receipt = await ctx.tx.erasure.findFirst({
    where: { personId: input.id, state: "carried_out", decidedBy: ctx.scope.principalId },
  });
  if (receipt) return { counts: receipt.counts as Record<string, number> };
  const person = await loadPerson(ctx, "erasure.decide", input.id);
  const request = await decidable(ctx, input.id);
  if (input.name !== person.private.name)
    throw invalid("姓名与这份记录不一致，请核对是不是这位同志", "Another name", { name: "请照记录填写姓名" });
  await settle(ctx, request, "carried_out");
  const { id, tenantId, personId } = request;
  const counts = await erasePerson(ctx.tx, ctx.keys, { id, tenantId, personId });
  await ctx.tx.erasure.update({ where: { id }, data: { counts } });
  return { counts };
}

/** Requests and receipts, newest first. A receipt names nobody: an id, who decided, when, why. */
export async function listErasures(ctx: Context, input: ErasureList) {
  const where: Prisma.ErasureWhereInput = {
    ...scopeWhere(ctx.scope, "erasure.decide", "org"),
    ...(input.state ? { state: input.state } : {}),
  };
  return listPage(
    input,
    async (slice) => {
      const rows = await ctx.tx.erasure.findMany({
        where,
        orderBy: { id: "desc" },
        include: { org: { select: { shortName: true } } },
        ...slice,
      });
      const names = await namesOf(
        ctx,
        rows.flatMap((row) => [row.requestedBy, row.decidedBy]),
      );
      const waiting = await ctx.tx.personPrivate.findMany({
        where: { personId: { in: rows.filter((row) => row.state !== "carried_out").map((row) => row.personId) } },
        select: { personId: true, name: true },
      });
      const nameOf = new Map(waiting.map(({ personId, name }) => [personId, name]));
      return rows.map((row) => ({
        id: row.id,
        personId: row.personId,
        name: row.state === "carried_out" ? null : (nameOf.get(row.personId) ?? null),
        branch: row.org.shortName,
        state: row.state as ErasureState,
        reason: row.reason as ErasureReason,
        basis: basisOf(row.reason as ErasureReason),
        requestedBy: names.get(row.requestedBy) ?? null,
        requestedAt: row.createdAt,
        decidedBy: row.decidedBy ? (names.get(row.decidedBy) ?? null) : null,
        decidedAt: row.decidedAt,
        cleanedAt: row.cleanedAt,
      }));
    },
    (limit) => ctx.tx.erasure.count({ where, take: limit }),
  );
}
