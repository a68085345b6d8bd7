import { can, orgWhere } from "@xianfeng/auth";
import { type Context, calendar } from "../kernel/index.ts";
import { findOrg } from "../org/index.ts";
import { holding, loadPerson } from "./member.load.ts";
import { revealsToday } from "./member.reveal.ts";

const day = (value: Date | null) => (value ? calendar.fromColumn(value) : null);

/** A dated fact on both axes: when it held, and when we believed it. */
export type DatedFact = {
  id: string;
  kind: "membership" | "status";
  what: string;
  validFrom: string;
  validTo: string | null;
  recordedAt: Date;
  supersededAt: Date | null;
  cause: string | null;
};

/** Everything the caller may see of one person; numbers masked. */
export async function memberDetail(ctx: Context, { id }: { id: string }) {
  const person = await loadPerson(ctx, "member.read", id);
  const today = ctx.scope.today;
  const current = person.memberships.find(
    (row) =>
      row.kind === "direct" &&
      calendar.fromColumn(row.validFrom) <= today &&
      (!row.validTo || calendar.fromColumn(row.validTo) > today),
  );
  const org = current ? await findOrg(ctx.tx, current.orgId) : null;
  const status = person.statuses.find(
    (row) => calendar.fromColumn(row.validFrom) <= today && (!row.validTo || calendar.fromColumn(row.validTo) > today),
  );
  const [group, posts, facts, trail, seen] = [
    current?.groupId ? await ctx.tx.partyGroup.findUnique({ where: { id: current.groupId } }) : null,
    await ctx.tx.post.findMany({ where: { personId: id, ...holding(today) }, include: { org: true } }),
    await allFacts(ctx, id),
    await trailOf(ctx, id),
    await revealsToday(ctx),
  ];
  return {
    id,
    version: person.version,
    name: person.private.name,
    sex: person.sex,
    birthYear: person.birthYear,
    ethnicity: person.ethnicity,
    education: person.education,
    studentNo: person.private.studentNo,
    idNumberMask: person.private.idNumberMask,
    phoneMask: person.private.phoneMask,
    mailMask: person.private.mailMask,
    joinedOn: day(person.joinedOn),
    convertedOn: day(person.convertedOn),
    identity: status?.identity ?? null,
    identityFrom: status ? calendar.fromColumn(status.validFrom) : null,
    probationEndsOn:
      status?.identity === "probationary_member" ? calendar.addMonths(calendar.fromColumn(status.validFrom), 12) : null,
    branch: current
      ? { id: current.orgId, shortName: current.org.shortName, from: calendar.fromColumn(current.validFrom) }
      : null,
    group: group?.name ?? null,
    posts: posts.map((post) => ({
      kind: post.kind,
      org: post.org.shortName,
      from: calendar.fromColumn(post.validFrom),
    })),
    facts,
    trail,
    revealsToday: seen,
    may: {
      edit: org !== null && can(ctx.scope, "member.edit", org),
      reveal: org !== null && can(ctx.scope, "member.reveal", org),
      transfer: org !== null && can(ctx.scope, "member.edit", org) && (await editsElsewhere(ctx, org.id)),
    },
  };
}

/** Whether the caller looks after another branch to which somebody of this one could go. */
async function editsElsewhere(ctx: Context, orgId: number): Promise<boolean> {
  const other = await ctx.tx.partyOrg.findFirst({
    where: {
      AND: [orgWhere(ctx.scope, "member.edit")],
      id: { not: orgId },
      kind: { notIn: ["committee", "general_branch"] },
      dissolvedOn: null,
    },
    select: { id: true },
  });
  return other !== null;
}

/** All rows of membership and identity, those no longer believed too, newest record first. */
async function allFacts(ctx: Context, personId: string): Promise<DatedFact[]> {
  const memberships = await ctx.tx.membership.findMany({ where: { personId }, include: { org: true } });
  const statuses = await ctx.tx.personStatus.findMany({ where: { personId } });
  const facts: DatedFact[] = [
    ...memberships.map((row) => ({
      ...axes(row),
      kind: "membership" as const,
      what: row.org.shortName,
      cause: row.causeKind,
    })),
    ...statuses.map((row) => ({ ...axes(row), kind: "status" as const, what: row.identity, cause: null })),
  ];
  return facts.sort(
    (one, other) => other.recordedAt.getTime() - one.recordedAt.getTime() || (one.validFrom < other.validFrom ? 1 : -1),
  );
}

const axes = (row: {
  id: string;
  validFrom: Date;
  validTo: Date | null;
  recordedAt: Date;
  supersededAt: Date | null;
}) => ({
  id: row.id,
  validFrom: calendar.fromColumn(row.validFrom),
  validTo: day(row.validTo),
  recordedAt: row.recordedAt,
  supersededAt: row.supersededAt,
});

/** Who did what to this record, newest first, at most 50. Holds names of fields, never values. */
async function trailOf(ctx: Context, personId: string) {
  const events = await ctx.tx.auditEvent.findMany({
    where: { subjectKind: "person", subjectId: personId },
    orderBy: { createdAt: "desc" },
    take: 50,
  });
  const principals = await ctx.tx.principal.findMany({
    where: { id: { in: events.map((event) => event.principalId).filter((id) => id !== null) } },
  });
  const nameOf = new Map(principals.map((principal) => [principal.id, principal.displayName]));
  return events.map((event) => ({
    id: event.id,
    at: event.createdAt,
    by: (event.principalId ? nameOf.get(event.principalId) : null) ?? null,
    action: event.action,
    fields: event.fields,
    reason: event.reason,
  }));
}
