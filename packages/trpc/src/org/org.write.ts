import { can } from "@xianfeng/auth";
import { Prisma } from "@xianfeng/db";
import { audit, type Context, calendar, changeFrom, DomainError, invalid, notFound } from "../kernel/index.ts";
import { findOrg, loadOrg, refuseDissolved, refuseFuture, refuseStale } from "./org.load.ts";
import { kindsBelow, moveProblem } from "./org.rules.ts";
import type { CreateOrg, MoveOrg, RenameOrg } from "./org.schema.ts";
import { believedVersions, lockTree, placeOrg, rewriteVersions } from "./org.tree-write.ts";

/** Sets up an organisation directly below one of the caller's own (ORG-02, ORG-03). @throws DomainError when code or name is taken */
export async function createOrg(ctx: Context, input: CreateOrg): Promise<{ id: number }> {
  await lockTree(ctx);
  const parent = await findOrg(ctx.tx, input.parentId);
  if (!parent || !can(ctx.scope, "org.create", { id: 0, parentId: parent.id, path: parent.path })) throw notFound();
  refuseDissolved(parent);
  refuseFuture(ctx.scope, input.openedOn);
  if (!(kindsBelow(parent.kind) as readonly string[]).includes(input.kind))
    throw invalid("这类党组织下面不能设它，请另选类别", "Not allowed below this kind", { kind: "请另选类别" });
  if (input.openedOn < parent.openedOn)
    throw invalid(`成立日期不能早于上级的成立日期（${parent.openedOn}）`, "Older than its superior", {
      openedOn: "请核对成立日期",
    });
  await refuseTakenName(ctx, input.fullName);
  const { parentId, openedOn, ...rest } = input;
  const openedColumn = calendar.toColumn(openedOn);
  const { id } = await ctx.tx.partyOrg
    .create({ data: { ...rest, tenantId: ctx.scope.tenantId, parentId, openedOn: openedColumn } })
    .catch(takenCode);
  await placeOrg(ctx, id, parentId);
  await ctx.tx.orgVersion.create({
    data: {
      tenantId: ctx.scope.tenantId,
      orgId: id,
      parentId,
      fullName: input.fullName,
      kind: input.kind,
      validFrom: openedColumn,
      recordedAt: ctx.now,
    },
  });
  await audit(ctx, { action: "org.create", subjectKind: "org", subjectId: String(id), orgId: parentId });
  return { id };
}

/** Gives an organisation another name from a day on (ORG-19); the old one stays in its history. */
export async function renameOrg(ctx: Context, input: RenameOrg): Promise<void> {
  await lockTree(ctx);
  const org = await loadOrg(ctx, "org.edit", input.id);
  refuseDissolved(org);
  refuseStale(org, input.seenAt);
  refuseFuture(ctx.scope, input.on);
  const fields = (["shortName", "fullName"] as const).filter((field) => org[field] !== input[field]);
  if (fields.length === 0) return;
  if (fields.includes("fullName")) {
    await refuseTakenName(ctx, input.fullName, org.id);
    const versions = await believedVersions(ctx.tx, org.id);
    await rewriteVersions(ctx, org.id, changeFrom(versions, input.on, { fullName: input.fullName }));
  }
  await ctx.tx.partyOrg.update({
    where: { id: org.id },
    data: { shortName: input.shortName, fullName: input.fullName },
  });
  await audit(ctx, { action: "org.rename", subjectKind: "org", subjectId: String(org.id), orgId: org.id, fields });
}

/** Puts an organisation with all below it under another superior from a day on (ORG-20). Facts stay with the organisation. */
export async function moveOrg(ctx: Context, input: MoveOrg): Promise<void> {
  await lockTree(ctx);
  const org = await loadOrg(ctx, "org.edit", input.id);
  const to = await loadOrg(ctx, "org.edit", input.parentId);
  refuseDissolved(org);
  refuseDissolved(to);
  refuseStale(org, input.seenAt);
  refuseFuture(ctx.scope, input.on);
  const problem = moveProblem(org, to);
  if (problem) throw invalid(problem, "This move is not possible", { parentId: problem });
  const versions = await believedVersions(ctx.tx, org.id);
  await rewriteVersions(ctx, org.id, changeFrom(versions, input.on, { parentId: to.id }));
  await placeOrg(ctx, org.id, to.id);
  await audit(ctx, {
    action: "org.move",
    subjectKind: "org",
    subjectId: String(org.id),
    orgId: org.id,
    fields: ["parentId"],
  });
}

async function refuseTakenName(ctx: Context, fullName: string, exceptId = 0): Promise<void> {
  const taken = await ctx.tx.partyOrg.findFirst({ where: { fullName, dissolvedOn: null, id: { not: exceptId } } });
  if (taken) throw invalid("已有同名的党组织，请核对全称", "The full name is taken", { fullName: "已有同名的党组织" });
}

function takenCode(error: unknown): never {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
    throw new DomainError("conflict", "这个编号已被使用，请换一个", "The code is taken", {
      fields: { code: "这个编号已被使用" },
    });
  throw error;
}
