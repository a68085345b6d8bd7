import { z } from "zod";
import * as input from "../kernel/input.ts";
import { orgCategories, orgKinds } from "./org.rules.ts";

export const treeInput = z.strictObject({ on: input.day("查看时点").optional() });
export const orgInput = z.strictObject({ id: input.orgId, on: input.day("查看时点").optional() });

const code = input.someText(40, "编号").refine((text) => /^[0-9A-Za-z-]+$/.test(text), "编号只能用数字、字母和连字符");

export const createOrgInput = z.strictObject({
  parentId: input.orgId,
  kind: z.enum(orgKinds, "请选择类别"),
  category: z.enum(orgCategories, "请选择党员类别"),
  code,
  shortName: input.someText(60, "简称"),
  fullName: input.someText(200, "全称"),
  openedOn: input.day("成立日期"),
});

/** `seenAt`: when the organisation was last changed as the editor saw it. */
const editOf = { id: input.orgId, on: input.day("生效日期"), seenAt: z.date() };

export const renameOrgInput = z.strictObject({
  ...editOf,
  shortName: input.someText(60, "简称"),
  fullName: input.someText(200, "全称"),
});

export const moveOrgInput = z.strictObject({ ...editOf, parentId: input.orgId });
export const moveTargetsInput = z.strictObject({ id: input.orgId });
export const mergePreviewInput = z.strictObject({ fromId: input.orgId, toId: input.orgId });
export const mergeOrgInput = z.strictObject({
  fromId: input.orgId,
  toId: input.orgId,
  on: input.day("生效日期"),
  reason: input.someText(200, "合并原因"),
  seenAt: z.date(),
});

export type CreateOrg = z.output<typeof createOrgInput>;
export type RenameOrg = z.output<typeof renameOrgInput>;
export type MoveOrg = z.output<typeof moveOrgInput>;
export type MergeOrg = z.output<typeof mergeOrgInput>;
