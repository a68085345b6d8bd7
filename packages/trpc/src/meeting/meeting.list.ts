import { orgWhere } from "@xianfeng/auth";
import type { Prisma } from "@xianfeng/db";
import { dayAt, fromColumn, toColumn } from "../kernel/calendar.ts";
import { type Context, listPage, notFound, type Page } from "../kernel/index.ts";
import { heldInPeriod } from "./meeting.duty.ts";
import { kindOf, visible } from "./meeting.load.ts";
import { type Phase, phaseOf, phaseWhere } from "./meeting.phase.ts";
import {
  dutyOf,
  dutyProgress,
  isPresent,
  type MeetingKind,
  meetingKinds,
  periodOf,
  periodSpan,
} from "./meeting.rules.ts";

export type MeetingRow = {
  id: string;
  title: string;
  kind: MeetingKind;
  orgId: number;
  orgName: string;
  groupName: string | null;
  startsAt: Date;
  endsAt: Date;
  place: string;
  phase: Phase;
  /** Of those who should attend; null before the audience is frozen. */
  present: number | null;
  expected: number | null;
  hasMinutes: boolean;
};

export type ListFilter = {
  orgId?: number;
  kind?: MeetingKind;
  phase?: Phase;
  from?: string;
  to?: string;
  q?: string;
};

/** LIKE reads %, _ and \ as patterns; a person means the characters (IA16). */
const literally = (text: string): string => text.replaceAll(/[\\%_]/g, (mark) => `\\${mark}`);

function whereOf(ctx: Context, filter: ListFilter): Prisma.MeetingWhereInput {
  const parts: Prisma.MeetingWhereInput[] = [visible(ctx)];
  if (filter.orgId !== undefined) parts.push({ orgId: filter.orgId });
  if (filter.kind) parts.push({ kind: filter.kind });
  if (filter.phase) parts.push(phaseWhere(filter.phase, ctx.now));
  if (filter.from) parts.push({ heldOn: { gte: toColumn(filter.from) } });
  if (filter.to) parts.push({ heldOn: { lte: toColumn(filter.to) } });
  if (filter.q) parts.push({ body: { title: { contains: literally(filter.q), mode: "insensitive" } } });
  return { AND: parts };
}

/** A page of the meetings in reach, newest first. */
export function listMeetings(
  ctx: Context,
  input: ListFilter & { page: number; size: number },
): Promise<Page<MeetingRow>> {
  const where = whereOf(ctx, input);
  return listPage(
    input,
    async (slice) => {
      const meetings = await ctx.tx.meeting.findMany({
        where,
        orderBy: [{ startsAt: "desc" }, { id: "desc" }],
        ...slice,
        include: {
          body: { select: { title: true, place: true, minutes: true } },
          org: { select: { shortName: true } },
        },
      });
      const ids = meetings.map(({ id }) => id);
      const counts = await ctx.tx.attendance.groupBy({
        by: ["meetingId", "state"],
        where: { meetingId: { in: ids }, shouldAttend: true },
        _count: true,
      });
      const groups = await ctx.tx.partyGroup.findMany({
        where: { id: { in: meetings.flatMap(({ groupId }) => groupId ?? []) } },
      });
      const groupOf = new Map(groups.map((group) => [`${group.orgId} ${group.id}`, group.name]));
      const countsOf = Map.groupBy(counts, (row) => row.meetingId);
      return meetings.map((meeting): MeetingRow => {
        const own = countsOf.get(meeting.id) ?? [];
        const sum = (take: (state: string) => boolean) =>
          own.filter(({ state }) => take(state)).reduce((total, row) => total + row._count, 0);
        const frozen = meeting.state !== "draft";
        return {
          id: meeting.id,
          title: meeting.body?.title ?? "",
          kind: kindOf(meeting),
          orgId: meeting.orgId,
          orgName: meeting.org.shortName,
          groupName: (meeting.groupId && groupOf.get(`${meeting.orgId} ${meeting.groupId}`)) ?? null,
          startsAt: meeting.startsAt,
          endsAt: meeting.endsAt,
          place: meeting.body?.place ?? "",
          phase: phaseOf(meeting, ctx.now),
          present: frozen ? sum(isPresent) : null,
          expected: frozen ? sum(() => true) : null,
          hasMinutes: (meeting.body?.minutes ?? "") !== "",
        };
      });
    },
    (limit) => ctx.tx.meeting.findMany({ where, select: { id: true }, take: limit }).then((rows) => rows.length),
  );
}

/** One duty of a branch in the period that runs today. */
export type DutyTile = {
  kind: MeetingKind;
  period: string;
  dueOn: string;
  clause: string;
  done: number;
  of: number;
  /** Days on which it was held. */
  heldOn: string[];
  /** The next published meeting of the kind in the period, if it is not done. */
  next: { id: string; startsAt: Date } | null;
};

/** What the branch owes in this month and quarter, from the meetings that were held. Duties that it does not have are left out. */
export async function dutyTiles(ctx: Context, orgId: number): Promise<DutyTile[]> {
  const org = await ctx.tx.partyOrg.findFirst({
    where: { id: orgId, AND: [orgWhere(ctx.scope, "meeting.read")] },
    include: { groups: true },
  });
  if (!org) throw notFound();
  const today = dayAt(ctx.now);
  const inOffice = await ctx.tx.post.count({
    where: {
      orgId,
      supersededAt: null,
      kind: { not: "group_leader" },
      validFrom: { lte: toColumn(today) },
      OR: [{ validTo: null }, { validTo: { gt: toColumn(today) } }],
    },
  });
  const tiles: DutyTile[] = [];
  for (const kind of meetingKinds) {
    // Under seven full members there is a secretary and no committee; groups are only where the branch formed them.
    if (kind === "branch_committee_meeting" && inOffice < 2) continue;
    if (kind === "group_meeting" && org.groups.length === 0) continue;
    const span = periodSpan(kind, today);
    const period = periodOf(kind, today);
    const held = await heldInPeriod(ctx, orgId, kind, today);
    const progress = dutyProgress({ kind, period, groups: org.groups.length, on: today }, held);
    const next =
      progress.done >= progress.of
        ? null
        : await ctx.tx.meeting.findFirst({
            where: {
              orgId,
              kind,
              state: "published",
              voidedAt: null,
              heldOn: { gte: toColumn(span.from), lte: toColumn(span.to) },
            },
            orderBy: { startsAt: "asc" },
            select: { id: true, startsAt: true },
          });
    tiles.push({
      kind,
      period,
      dueOn: span.to,
      clause: dutyOf[kind].clause,
      done: progress.done,
      of: progress.of,
      heldOn: held.filter(({ voided }) => !voided).map(({ heldOn }) => heldOn),
      next,
    });
  }
  return tiles;
}

/** Branches that the caller may hold meetings for: the choice on the form. */
export async function writableBranches(ctx: Context) {
  const orgs = await ctx.tx.partyOrg.findMany({
    where: { AND: [orgWhere(ctx.scope, "meeting.edit")] },
    orderBy: { code: "asc" },
    take: 200,
  });
  return orgs
    .filter((org) => !org.dissolvedOn || fromColumn(org.dissolvedOn) > ctx.scope.today)
    .map((org) => ({ id: org.id, name: org.shortName }));
}
