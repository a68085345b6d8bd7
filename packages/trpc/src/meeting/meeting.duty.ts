import { dayAt, fromColumn, toColumn } from "../kernel/calendar.ts";
import type { Context } from "../kernel/index.ts";
import { kindOf, type WholeMeeting } from "./meeting.load.ts";
import { dutyProgress, type HeldMeeting, isPresent, type MeetingKind, periodOf, periodSpan } from "./meeting.rules.ts";

/** Closed meetings of a branch in the period of a day, as the duty rule wants them. */
export async function heldInPeriod(
  ctx: Context,
  orgId: number,
  kind: MeetingKind,
  day: string,
): Promise<(HeldMeeting & { id: string })[]> {
  const span = periodSpan(kind, day);
  const meetings = await ctx.tx.meeting.findMany({
    where: {
      orgId,
      kind,
      state: "closed",
      heldOn: { gte: toColumn(span.from), lte: toColumn(span.to) },
    },
    include: { attendances: { where: { mayVote: true }, select: { state: true } } },
    orderBy: [{ heldOn: "asc" }, { id: "asc" }],
  });
  return meetings.map((meeting) => ({
    id: meeting.id,
    kind,
    heldOn: fromColumn(meeting.heldOn),
    voided: meeting.voidedAt !== null,
    present: meeting.attendances.filter(({ state }) => isPresent(state)).length,
    of: meeting.attendances.length,
    groupId: meeting.groupId,
  }));
}

/**
 * Brings the duty row of a meeting's branch and period in line with the meetings that were held: after closing, after voiding, after a
 * correction that may change a quorum. The row is made when it is missing. Two that finish at once wait for each other on it.
 * @returns whether the duty is fulfilled now
 */
export async function settleDuty(ctx: Context, meeting: WholeMeeting): Promise<boolean> {
  const kind = kindOf(meeting);
  const day = fromColumn(meeting.heldOn);
  const key = {
    tenantId: ctx.scope.tenantId,
    dutyKey: kind,
    subjectKind: "org",
    subjectId: String(meeting.orgId),
    periodKey: periodOf(kind, day),
  };
  await ctx.tx.obligation.createMany({
    data: [{ ...key, orgId: meeting.orgId, dueOn: toColumn(periodSpan(kind, day).to) }],
    skipDuplicates: true,
  });
  const found = await ctx.tx.$queryRaw<{ id: string; state: string }[]>`
    SELECT id::text, state FROM obligation
    WHERE tenant_id = ${key.tenantId} AND duty_key = ${key.dutyKey} AND subject_kind = 'org'
      AND subject_id = ${key.subjectId} AND period_key = ${key.periodKey} FOR UPDATE`;
  const row = found[0];
  // A superior's waiver is a decision; no meeting undoes it.
  if (!row || row.state === "waived") return false;
  const groups = await ctx.tx.partyGroup.count({ where: { orgId: meeting.orgId } });
  const held = await heldInPeriod(ctx, meeting.orgId, kind, day);
  const progress = dutyProgress({ kind, period: key.periodKey, groups, on: dayAt(ctx.now) }, held);
  const fulfilled = progress.of > 0 && progress.done >= progress.of;
  const last = held.findLast(({ voided }) => !voided);
  await ctx.tx.obligation.update({
    where: { id: row.id },
    data: fulfilled
      ? {
          state: "fulfilled",
          fulfilledByKind: "meeting",
          fulfilledById: last?.id ?? meeting.id,
          fulfilledOn: toColumn(last?.heldOn ?? day),
        }
      : { state: "open", fulfilledByKind: null, fulfilledById: null, fulfilledOn: null },
  });
  return fulfilled;
}
