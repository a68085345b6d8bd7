import { z } from "zod";
import * as input from "../kernel/input.ts";
import { orgCategories } from "../org/org.rules.ts";
import { identities, isName, normaliseName } from "./person.rules.ts";

/** `member` = full and probationary members together, what the list shows at first. */
export const identityFilters = ["member", ...identities] as const;

/** The conditions of the list; every count beside it uses the same ones. */
export const memberFilter = {
  q: input.text(40, "搜索内容").optional(),
  identity: z.enum(identityFilters).default("member"),
  orgId: input.orgId.optional(),
  sex: z.enum(["male", "female"]).optional(),
  category: z.enum(orgCategories).optional(),
};
export const memberListInput = z.strictObject({ ...memberFilter, ...input.page });
export const memberCountsInput = z.strictObject(memberFilter);

export const memberIdInput = z.strictObject({ id: input.uuid });
export const labelsInput = z.strictObject({ ids: z.array(input.uuid).max(500, "一次最多500个") });

const name = input.someText(50, "姓名").transform(normaliseName).refine(isName, "姓名里只能有文字和间隔号");
const studentNo = input
  .text(30, "学号或工号")
  .refine((text) => /^[0-9A-Za-z-]*$/.test(text), "学号或工号只能用数字、字母和连字符");
const facts = {
  name,
  ethnicity: input.text(20, "民族"),
  education: input.text(20, "学历"),
  studentNo,
};

const mail = input.text(254, "邮箱");

/** `id` is made by the form when it opens: sending it twice makes one person. */
export const createMemberInput = z.strictObject({
  id: input.uuid,
  ...facts,
  idNumber: input.someText(40, "身份证号"),
  phone: input.text(30, "手机号"),
  mail: mail.default(""),
  orgId: input.orgId,
  identity: z.enum(
    ["applicant", "activist", "development_target", "probationary_member", "full_member"],
    "请选择党员身份",
  ),
  from: input.day("到本支部的日期"),
  joinedOn: input.day("入党时间").nullable(),
  convertedOn: input.day("转正时间").nullable(),
});

const seen = { id: input.uuid, version: z.number().int().positive() };

/** `phone`, `mail`: null keeps what is there, an empty text removes it. The ID number is fixed after entry (MEM-08). */
export const editMemberInput = z.strictObject({
  ...seen,
  ...facts,
  phone: input.text(30, "手机号").nullable(),
  mail: mail.nullable().default(null),
});

export const transferInput = z.strictObject({
  ...seen,
  toOrgId: input.orgId,
  on: input.day("转接日期"),
  reason: input.text(200, "说明"),
});

export const correctStatusInput = z.strictObject({
  ...seen,
  statusId: input.uuid,
  identity: z.enum(identities, "请选择党员身份"),
  validFrom: input.day("开始日期"),
  reason: input.someText(200, "更正原因"),
});

export const revealReasons = ["check_file", "conversion", "transfer", "report", "other"] as const;
export const revealInput = z
  .strictObject({
    id: input.uuid,
    field: z.enum(["id_number", "phone", "mail"]),
    reason: z.enum(revealReasons, "请选择为什么要看"),
    note: input.text(100, "补充说明"),
  })
  .refine(({ reason, note }) => reason !== "other" || note !== "", { path: ["note"], message: "选“其他”时请写明原因" });

export type MemberFilter = z.output<typeof memberCountsInput>;
export type MemberList = z.output<typeof memberListInput>;
export type CreateMember = z.output<typeof createMemberInput>;
export type EditMember = z.output<typeof editMemberInput>;
export type Transfer = z.output<typeof transferInput>;
export type CorrectStatus = z.output<typeof correctStatusInput>;
export type Reveal = z.output<typeof revealInput>;
