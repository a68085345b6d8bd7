/** What comes in. Safe in a browser: the form checks with the same pieces before it sends. */
import { z } from "zod";
import { clockTime, day, orgId, page, someText, text, uuid } from "../kernel/input.ts";
import { meetingFields } from "./meeting.machine.ts";
import { phases } from "./meeting.phase.ts";
import {
  attendanceStates,
  audiences,
  longestAgenda,
  longestMinutes,
  longestPlace,
  longestReason,
  longestTitle,
  meetingKinds,
} from "./meeting.rules.ts";

/** The fields of the form, each by itself. */
export const fieldShapes = {
  kind: z.enum(meetingKinds, "请选会议类型"),
  title: text(longestTitle, "主题"),
  heldOn: day("日期"),
  startTime: clockTime("开始时间"),
  endTime: clockTime("结束时间"),
  place: text(longestPlace, "地点"),
  hostId: uuid.nullable(),
  recorderId: uuid.nullable(),
  audience: z.enum(audiences, "请选参加范围"),
  groupId: uuid.nullable(),
  chosenPersonIds: z
    .array(uuid)
    .max(2000, "指定人员不能超过2000人")
    .transform((ids) => [...new Set(ids)].sort()),
  agenda: text(longestAgenda, "议程"),
  checkInLead: z.number().int("请填整数分钟").min(0, "不能早于0分钟").max(120, "最多提前120分钟"),
  lateAfter: z.number().int("请填整数分钟").min(0, "不能少于0分钟").max(120, "最多120分钟"),
  checkOutRequired: z.boolean(),
  minutes: text(longestMinutes, "纪要"),
};

export const fieldsSchema = z.strictObject(fieldShapes);
/** The whole form. Days are YYYY-MM-DD, times HH:MM in Shanghai, leads in minutes. */
export type MeetingForm = z.infer<typeof fieldsSchema>;

const someFields = fieldsSchema.partial();

export const startInput = z.strictObject({ id: uuid, orgId, fields: someFields });

/** `base` holds, for every changed field, the value the editor started from. */
export const saveInput = z
  .strictObject({ id: uuid, version: z.number().int().positive(), changes: someFields, base: someFields })
  .refine(({ changes, base }) => meetingFields.every((field) => !(field in changes) || field in base), {
    message: "缺少修改前的内容，请刷新后再试",
    path: ["base"],
  });

export const idInput = z.strictObject({ id: uuid });
export const publishInput = z.strictObject({ id: uuid, version: z.number().int().positive() });
export const reasonInput = z.strictObject({ id: uuid, reason: someText(longestReason, "原因") });

export const listInput = z
  .strictObject({
    ...page,
    orgId: orgId.optional(),
    kind: z.enum(meetingKinds).optional(),
    phase: z.enum(phases).optional(),
    from: day("开始日期").optional(),
    to: day("结束日期").optional(),
    q: text(60, "关键字").optional(),
  })
  .refine(({ from, to }) => !from || !to || from <= to, { message: "开始日期不能晚于结束日期", path: ["from"] });
export type MeetingListInput = z.input<typeof listInput>;

/** A form as it stands, saved or not. */
export const previewInput = z.strictObject({ id: uuid, orgId, fields: fieldsSchema });
export const newInput = z.strictObject({ orgId, kind: z.enum(meetingKinds) });
export const peopleInput = z.strictObject({ orgId, day: day("日期") });
export const dutyInput = z.strictObject({ orgId });

export const codeInput = z.strictObject({ id: uuid, purpose: z.enum(["in", "out"]) });

/** By the recorder, while the meeting is open: one or several people. A leave needs its reason. */
export const recordInput = z
  .strictObject({
    id: uuid,
    personIds: z.array(uuid).min(1, "请先选人").max(500),
    state: z.enum(attendanceStates),
    reason: text(longestReason, "原因").optional(),
  })
  .refine(({ state, reason }) => state !== "leave" || reason, { message: "请写请假原因", path: ["reason"] });

export const correctInput = z.strictObject({
  id: uuid,
  personId: uuid,
  state: z.enum(attendanceStates).exclude(["pending"]),
  reason: someText(longestReason, "更正原因"),
});

const ticket = z.string().min(1).max(200);
export const checkInput = z.strictObject({ id: uuid, ticket });
export const offlineInput = z.strictObject({ id: uuid, code: z.string().min(1).max(200), scannedAt: z.date() });
export const historyInput = z.strictObject({ ...page, year: z.number().int().min(1990).max(2100).optional() });
export const noticeInput = z.strictObject({ ids: z.array(uuid).min(1).max(100) });
