/** What a member sees on the phone: own meetings, own attendance, own messages. Nothing here reaches another person's row. */
import { addDays, dayAt, fromColumn, toColumn } from "../kernel/calendar.ts";
import { type Context, DomainError, listPage } from "../kernel/index.ts";
import { kindOf, namesInBranch, stateOf } from "./meeting.load.ts";
import { phaseOf } from "./meeting.phase.ts";
import { type AttendanceState, checkOutTailMinutes, isOwnScan, isPresent } from "./meeting.rules.ts";

/** The one thing that a person can do about a meeting now. */
export type OwnAction = "sign_in" | "sign_out" | "leave" | "none";

const withMeeting = { meeting: { include: { body: true, org: true } } } as const;

/** The caller's row with its meeting; published, closed or void, never a draft. */
async function ownRows(ctx: Context, where: object, order: "asc" | "desc", take: number) {
  if (!ctx.scope.personId) return [];
  return ctx.tx.attendance.findMany({
    where: { personId: ctx.scope.personId, meeting: { state: { not: "draft" }, ...where } },
    include: withMeeting,
    orderBy: [{ meeting: { startsAt: order } }, { id: order }],
    take,
  });
}
type OwnRow = Awaited<ReturnType<typeof ownRows>>[number];

function actionOf(row: OwnRow, now: Date): OwnAction {
  const { meeting } = row;
  const phase = phaseOf(meeting, now);
  if (phase !== "not_started" && phase !== "signing_in" && phase !== "to_close") return "none";
  const canSignOut =
    meeting.checkOutRequired &&
    row.checkedInAt !== null &&
    row.checkedOutAt === null &&
    now >= meeting.startsAt &&
    now.getTime() < meeting.endsAt.getTime() + checkOutTailMinutes * 60_000;
  if (canSignOut) return "sign_out";
  if (isPresent(row.state)) return "none";
  if (phase === "signing_in") return "sign_in";
  return phase === "not_started" && row.state === "pending" ? "leave" : "none";
}

const card = (row: OwnRow, now: Date) => ({
  id: row.meetingId,
  kind: kindOf(row.meeting),
  title: row.meeting.body?.title ?? "",
  place: row.meeting.body?.place ?? "",
  orgName: row.meeting.org.shortName,
  startsAt: row.meeting.startsAt,
  endsAt: row.meeting.endsAt,
  checkInOpensAt: row.meeting.checkInOpensAt,
  lateAfter: row.meeting.lateAfter,
  checkOutRequired: row.meeting.checkOutRequired,
  phase: phaseOf(row.meeting, now),
  state: row.state as AttendanceState,
  checkedInAt: row.checkedInAt,
  checkedOutAt: row.checkedOutAt,
  action: actionOf(row, now),
  mayTakeLeave: row.state === "pending" && phaseOf(row.meeting, now) !== "void" && now < row.meeting.startsAt,
  mayCancelLeave: row.state === "leave" && row.source === null && now < row.meeting.startsAt,
  mayUndo: isPresent(row.state) && isOwnScan(row.source) && now < row.meeting.startsAt,
});
export type OwnMeeting = ReturnType<typeof card>;

/** Today's meetings and what comes in the next 30 days, the year in figures, to-dos of the caller's offices, messages. */
export async function phoneHome(ctx: Context) {
  const today = dayAt(ctx.now);
  const rows = await ownRows(
    ctx,
    { voidedAt: null, state: "published", heldOn: { gte: toColumn(today), lte: toColumn(addDays(today, 30)) } },
    "asc",
    20,
  );
  const meetings = rows.map((row) => card(row, ctx.now));
  return {
    now: ctx.now,
    name: ctx.scope.displayName,
    place: await ownPlace(ctx),
    today: meetings.filter(({ startsAt }) => dayAt(startsAt) === today),
    coming: meetings.filter(({ startsAt }) => dayAt(startsAt) !== today),
    year: await yearFacts(ctx, today.slice(0, 4)),
    todos: await ownTodos(ctx),
    unread: await ctx.tx.outboxMessage.count({ where: { ...ownMessages(ctx), readAt: null } }),
  };
}

async function ownPlace(ctx: Context): Promise<{ orgName: string; groupName: string | null } | null> {
  if (!ctx.scope.personId) return null;
  const today = toColumn(ctx.scope.today);
  const row = await ctx.tx.membership.findFirst({
    where: {
      personId: ctx.scope.personId,
      kind: "direct",
      supersededAt: null,
      validFrom: { lte: today },
      OR: [{ validTo: null }, { validTo: { gt: today } }],
    },
    include: { org: true },
  });
  if (!row) return null;
  const group = row.groupId ? await ctx.tx.partyGroup.findUnique({ where: { id: row.groupId } }) : null;
  return { orgName: row.org.shortName, groupName: group?.name ?? null };
}

/** The year as facts: how often the person was expected at closed meetings, and was there. No share, no rank. */
async function yearFacts(ctx: Context, year: string) {
  if (!ctx.scope.personId) return { year: Number(year), expected: 0, present: 0, late: 0, leave: 0, absent: 0 };
  const rows = await ctx.tx.attendance.groupBy({
    by: ["state"],
    where: {
      personId: ctx.scope.personId,
      shouldAttend: true,
      meeting: {
        state: "closed",
        voidedAt: null,
        heldOn: { gte: toColumn(`${year}-01-01`), lte: toColumn(`${year}-12-31`) },
      },
    },
    _count: true,
  });
  const of = (state: string) => rows.find((row) => row.state === state)?._count ?? 0;
  return {
    year: Number(year),
    expected: rows.reduce((total, row) => total + row._count, 0),
    present: of("on_time") + of("late"),
    late: of("late"),
    leave: of("leave"),
    absent: of("absent"),
  };
}

/** Open to-dos of the roles that the caller holds, at their organisations. */
async function ownTodos(ctx: Context) {
  const posts = ctx.scope.assignments.map(({ role, orgId }) => ({ assigneeRole: role, assigneeOrgId: orgId }));
  if (posts.length === 0) return [];
  const rows = await ctx.tx.todo.findMany({
    where: { doneAt: null, OR: posts },
    orderBy: [{ dueAt: { sort: "asc", nulls: "last" } }, { id: "asc" }],
    take: 20,
  });
  return rows.map(({ id, title, detail, href, dueAt }) => ({ id, title, detail, href, dueAt }));
}

/** One meeting of the caller's, with who chairs and records it. @throws DomainError not_found in the words of a stranger's answer */
export async function ownMeeting(ctx: Context, id: string) {
  const row = (await ownRows(ctx, { id }, "asc", 1))[0];
  if (!row)
    throw new DomainError(
      "not_found",
      "没有找到这次会议，或你不在参会名单里",
      "No such meeting, or you are not on its list",
    );
  const body = row.meeting.body;
  const names = await namesInBranch(ctx, row.meeting.orgId, [body?.hostId ?? null, body?.recorderId ?? null]);
  const place = await ownPlace(ctx);
  const counts = await ctx.tx.attendance.groupBy({
    by: ["state"],
    where: { meetingId: id, shouldAttend: true },
    _count: true,
  });
  const sum = (take: (state: string) => boolean) =>
    counts.filter(({ state }) => take(state)).reduce((total, each) => total + each._count, 0);
  return {
    ...card(row, ctx.now),
    now: ctx.now,
    me: ctx.scope.displayName,
    groupName: place?.groupName ?? null,
    branchName: place?.orgName ?? row.meeting.org.shortName,
    agenda: body?.agenda ?? "",
    hostName: (body?.hostId && names.get(body.hostId)) ?? null,
    recorderName: (body?.recorderId && names.get(body.recorderId)) ?? null,
    identityThen: row.identityThen,
    shouldAttend: row.shouldAttend,
    mayVote: row.mayVote,
    present: sum(isPresent),
    expected: sum(() => true),
    voidReason: stateOf(row.meeting) === "void" ? (body?.voidReason ?? null) : null,
  };
}

/** The caller's own record of a year, newest first. Voided meetings are listed as such and count nowhere. */
export async function ownHistory(ctx: Context, input: { year?: number; page: number; size: number }) {
  const personId = ctx.scope.personId;
  const year = String(input.year ?? Number(dayAt(ctx.now).slice(0, 4)));
  const where = {
    personId: personId ?? "00000000-0000-0000-0000-000000000000",
    meeting: {
      state: { not: "draft" },
      heldOn: { gte: toColumn(`${year}-01-01`), lte: toColumn(`${year}-12-31`) },
    },
  };
  const page = await listPage(
    input,
    async (slice) => {
      const rows = await ctx.tx.attendance.findMany({
        where,
        include: withMeeting,
        orderBy: [{ meeting: { startsAt: "desc" } }, { id: "desc" }],
        ...slice,
      });
      return rows.map((row) => ({
        ...card(row, ctx.now),
        heldOn: fromColumn(row.meeting.heldOn),
        shouldAttend: row.shouldAttend,
        corrected: row.correctedAt !== null,
      }));
    },
    (limit) => ctx.tx.attendance.findMany({ where, select: { id: true }, take: limit }).then((rows) => rows.length),
  );
  return { ...page, facts: await yearFacts(ctx, year) };
}

const ownMessages = (ctx: Context) => ({ principalId: ctx.scope.principalId, channel: "in_app" });

/** The caller's messages, newest first, at most 50. */
export async function ownNotices(ctx: Context) {
  const rows = await ctx.tx.outboxMessage.findMany({
    where: ownMessages(ctx),
    orderBy: { id: "desc" },
    take: 50,
  });
  return rows.map(({ id, subject, body, href, createdAt, readAt }) => ({ id, subject, body, href, createdAt, readAt }));
}

/** Marks messages as read. Ids of other people's messages change nothing. */
export async function readNotices(ctx: Context, ids: readonly string[]): Promise<{ read: number }> {
  const { count } = await ctx.tx.outboxMessage.updateMany({
    where: { ...ownMessages(ctx), id: { in: [...ids] }, readAt: null },
    data: { readAt: ctx.now, state: "shown" },
  });
  return { read: count };
}
