import { dayAt, timeAt } from "../kernel/calendar.ts";
import { audit, type Context, DomainError, invalid, notFound, transition } from "../kernel/index.ts";
import { broughtIn } from "./meeting.brought-in.ts";
import { freezeAudience } from "./meeting.freeze.ts";
import { columnsOf, formOf, lockMeeting, namesOfPrincipals, stateOf, type WholeMeeting } from "./meeting.load.ts";
import { changeableFields, type MeetingField, meetingFields, meetingMachine } from "./meeting.machine.ts";
import { meetingWords } from "./meeting.messages.ts";
import { changedNotice, finishTodos, sendNotices } from "./meeting.notice.ts";
import { audiencesOf, timeProblems } from "./meeting.rules.ts";
import type { MeetingForm } from "./meeting.schema.ts";
import { subjectOf } from "./meeting.subject.ts";

/** Starts a draft with an id made by the form, so that sending it twice makes one. Missing fields are brought in. */
export async function startDraft(
  ctx: Context,
  input: { id: string; orgId: number; fields: Partial<MeetingForm> },
): Promise<{ id: string; version: number }> {
  const { fields } = await broughtIn(ctx, { orgId: input.orgId, kind: input.fields.kind ?? "member_meeting" });
  const form = settled({ ...fields, ...input.fields, minutes: "" });
  const columns = columnsOf(form);
  const made = await ctx.tx.meeting.createMany({
    data: [
      {
        id: input.id,
        tenantId: ctx.scope.tenantId,
        orgId: input.orgId,
        createdBy: ctx.scope.principalId,
        ...columns.meeting,
      },
    ],
    skipDuplicates: true,
  });
  if (made.count === 0) {
    const found = await lockMeeting(ctx, input.id, "meeting.edit");
    if (found.createdBy !== ctx.scope.principalId || found.orgId !== input.orgId) throw notFound();
    return { id: found.id, version: found.version };
  }
  await ctx.tx.meetingBody.create({
    data: { meetingId: input.id, tenantId: ctx.scope.tenantId, ...columns.body },
  });
  await audit(ctx, { action: "meeting.create", subjectKind: "meeting", subjectId: input.id, orgId: input.orgId });
  return { id: input.id, version: 1 };
}

/** Times that can be stored, and an audience that its kind knows. @throws invalid with one message per field */
function settled(form: MeetingForm): MeetingForm {
  const problems = timeProblems(form);
  const first = Object.values(problems)[0];
  if (first) throw invalid(first, "The times do not fit", problems as Record<string, string>);
  const known = audiencesOf[form.kind];
  const audience = known.includes(form.audience) ? form.audience : (known[0] ?? form.audience);
  return { ...form, audience, groupId: audience === "group" ? form.groupId : null };
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** One field that two people changed: what this editor wrote, what is stored, what both started from. */
export type FieldConflict = {
  field: MeetingField;
  mine: unknown;
  theirs: unknown;
  base: unknown;
  by: string;
  at: Date | null;
};
export type ConflictDetail = { version: number; form: MeetingForm; fields: FieldConflict[] };

export type Saved = {
  version: number;
  /** The whole form as it is stored now, with what others changed meanwhile. */
  form: MeetingForm;
};

/**
 * Saves some fields of a form that may have been changed by somebody else since. A field that only one of the two touched is merged;
 * a field that both changed is refused with both values, and nothing of this call is saved. Saying the same twice changes nothing.
 * @throws DomainError conflict with `ConflictDetail`
 */
export async function saveMeeting(
  ctx: Context,
  input: { id: string; version: number; changes: Partial<MeetingForm>; base: Partial<MeetingForm> },
): Promise<Saved> {
  const meeting = await lockMeeting(ctx, input.id, "meeting.edit");
  const state = stateOf(meeting);
  const stored = formOf(meeting);
  const wanted = meetingFields.filter((field) => field in input.changes);
  const changed = wanted.filter((field) => !same(input.changes[field], stored[field]));
  const behind = input.version !== meeting.version;
  const clashing = changed.filter((field) => behind && !same(input.base[field], stored[field]));
  if (clashing.length > 0) throw await conflict(ctx, meeting, stored, clashing, input);
  const allowed = changeableFields(state, ctx.now >= meeting.startsAt);
  const refused = changed.filter((field) => !allowed.includes(field));
  if (refused.length > 0)
    throw new DomainError("state", refusal(state, refused), "These fields can no longer be changed", {
      fields: Object.fromEntries(refused.map((field) => [field, "现在不能修改"])),
      current: { state },
    });
  if (changed.length === 0) return { version: meeting.version, form: stored };
  const onlyMinutes = changed.every((field) => field === "minutes");
  if (state === "draft" || !onlyMinutes) transition(meetingMachine, "edit", subjectOf(meeting), ctx.now);
  else transition(meetingMachine, "minutes", subjectOf(meeting), ctx.now);
  const form = settled({ ...stored, ...input.changes });
  const columns = columnsOf(form);
  const version = meeting.version + 1;
  await ctx.tx.meeting.update({ where: { id: meeting.id }, data: { ...columns.meeting, version } });
  await ctx.tx.meetingBody.update({ where: { meetingId: meeting.id }, data: columns.body });
  await audit(ctx, {
    action: onlyMinutes ? "meeting.minutes" : "meeting.edit",
    subjectKind: "meeting",
    subjectId: meeting.id,
    orgId: meeting.orgId,
    fields: changed,
  });
  if (form.minutes !== "") await finishTodos(ctx, meeting.id, ["meeting_minutes"]);
  if (state === "published" && !onlyMinutes) await afterMove(ctx, meeting.id, stored, form, version);
  return { version, form };
}

/** A published meeting was moved: rights are those of the new day, and everybody is told. */
async function afterMove(ctx: Context, id: string, before: MeetingForm, after: MeetingForm, version: number) {
  if (before.heldOn !== after.heldOn) await freezeAudience(ctx, id);
  const told: MeetingField[] = ["heldOn", "startTime", "endTime", "place"];
  if (!told.some((field) => !same(before[field], after[field]))) return;
  const meeting = await lockMeeting(ctx, id, "meeting.edit");
  await sendNotices(ctx, meeting, changedNotice(meeting, version));
}

function refusal(state: string, fields: readonly MeetingField[]): string {
  const names = fields.map((field) => meetingWords["zh-CN"].field[field]).join("、");
  if (state === "void") return "会议已作废，不能再修改";
  if (state === "closed") return `会议已结束，不能再改${names}；参会情况请用更正`;
  return fields.some((field) => ["kind", "audience", "groupId", "chosenPersonIds"].includes(field))
    ? `会议已发布，参会名单已经固定，不能再改${names}；确需调整请作废后重新发布`
    : `会议已经开始，不能再改${names}`;
}

async function conflict(
  ctx: Context,
  meeting: WholeMeeting,
  stored: MeetingForm,
  fields: readonly MeetingField[],
  input: { changes: Partial<MeetingForm>; base: Partial<MeetingForm> },
): Promise<DomainError> {
  const events = await ctx.tx.auditEvent.findMany({
    where: { subjectKind: "meeting", subjectId: meeting.id, fields: { hasSome: [...fields] } },
    orderBy: { id: "desc" },
    take: 200,
  });
  const names = await namesOfPrincipals(
    ctx,
    events.map(({ principalId }) => principalId),
  );
  const detail: ConflictDetail = {
    version: meeting.version,
    form: stored,
    fields: fields.map((field) => {
      const event = events.find((each) => each.fields.includes(field));
      return {
        field,
        mine: input.changes[field],
        theirs: stored[field],
        base: input.base[field],
        by: (event?.principalId && names.get(event.principalId)) || "另一位同志",
        at: event?.createdAt ?? null,
      };
    }),
  };
  const first = detail.fields[0];
  const when = first?.at
    ? `${dayAt(first.at) === ctx.scope.today ? "" : `${dayAt(first.at)} `}${timeAt(first.at)}`
    : "";
  return new DomainError(
    "conflict",
    `${first?.by ?? "另一位同志"} ${when} 也改了同一处，请选择保留哪个内容，两份都还在`,
    "Somebody else changed the same field",
    { current: detail },
  );
}

/** Removes a draft for good (MEET-23). Published meetings are voided instead. */
export async function removeDraft(ctx: Context, id: string): Promise<void> {
  const meeting = await lockMeeting(ctx, id, "meeting.edit");
  transition(meetingMachine, "remove", subjectOf(meeting), ctx.now);
  await ctx.tx.meeting.delete({ where: { id } });
  await finishTodos(ctx, id);
  await audit(ctx, { action: "meeting.remove", subjectKind: "meeting", subjectId: id, orgId: meeting.orgId });
}
