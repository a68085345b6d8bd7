/**
 * How far a permission reaches from the organisation of the role that grants it:
 * self = that organisation only; child = its direct subordinates; tree = itself and, when the assignment says so, everything below;
 * person = the caller's own records; tenant = not tied to an organisation.
 */
export type Relation = "self" | "child" | "tree" | "person" | "tenant";

/** Every permission there is. A procedure, page or Cube view names exactly one of them. */
export const permissions = {
  "me.read": { relation: "person", title: "查看本人信息" },
  "me.edit": { relation: "person", title: "修改本人密码、签到、请假" },
  "workbench.read": { relation: "tree", title: "查看工作台" },
  "org.read": { relation: "tree", title: "查看党组织" },
  "org.create": { relation: "child", title: "新增下级党组织" },
  "org.edit": { relation: "tree", title: "修改、移动党组织" },
  "member.read": { relation: "tree", title: "查看党员信息" },
  "member.create": { relation: "tree", title: "登记党员" },
  "member.edit": { relation: "tree", title: "修改党员信息" },
  "member.reveal": { relation: "tree", title: "查看完整证件号和手机号" },
  "erasure.request": { relation: "tree", title: "申请删除个人信息" },
  "erasure.decide": { relation: "tree", title: "决定并执行个人信息删除" },
  "meeting.read": { relation: "tree", title: "查看会议和签到" },
  "meeting.edit": { relation: "self", title: "起草、修改会议" },
  "meeting.publish": { relation: "self", title: "发布会议" },
  "meeting.record": { relation: "self", title: "签到、更正、结束会议" },
  "meeting.void": { relation: "self", title: "作废会议" },
  "obligation.read": { relation: "tree", title: "查看应办事项" },
  "ranking.read": { relation: "tree", title: "查看支部排名" },
  "evaluation.read": { relation: "tree", title: "查看评价时段和数据" },
  "evaluation.import": { relation: "tree", title: "导入评价数据" },
  "evaluation.generate": { relation: "tree", title: "生成评价报告预览" },
  "evaluation.publish": { relation: "tree", title: "发布评价报告" },
  "evaluation.retract": { relation: "tree", title: "撤回评价报告" },
  "report.read": { relation: "tree", title: "查看已发布的评价报告" },
  "report.read_own": { relation: "person", title: "查看本人评价报告" },
  "cockpit.read": { relation: "tree", title: "查看驾驶舱" },
  "system.read": { relation: "tenant", title: "查看系统运行状况" },
  "system.mend": { relation: "tenant", title: "重放、修复没有写入分析端的行" },
  "outbox.read": { relation: "tenant", title: "查看消息发送情况" },
  "outbox.retry": { relation: "tenant", title: "重新发送失败的消息" },
  "account.manage": { relation: "tenant", title: "管理账号和角色" },
} as const satisfies Record<string, { relation: Relation; title: string }>;

export type Permission = keyof typeof permissions;

export const isPermission = (name: string): name is Permission => Object.hasOwn(permissions, name);

const personal = ["me.read", "me.edit", "report.read_own"] as const;
const branchReading = [
  "workbench.read",
  "org.read",
  "member.read",
  "meeting.read",
  "obligation.read",
  "ranking.read",
  "report.read",
] as const;
const branchWork = [
  "member.create",
  "member.edit",
  "member.reveal",
  "erasure.request",
  "meeting.edit",
  "meeting.publish",
  "meeting.record",
  "meeting.void",
] as const;

/** Roles that every tenant starts with; what they may is copied into tables and can be changed there. */
export const initialRoles = {
  committee_admin: {
    title: "学院党委组织员",
    grants: [
      ...branchReading,
      "org.create",
      "org.edit",
      "member.create",
      "member.edit",
      "member.reveal",
      "erasure.request",
      "erasure.decide",
      "evaluation.read",
      "evaluation.import",
      "evaluation.generate",
      "evaluation.publish",
      "evaluation.retract",
      "cockpit.read",
    ],
  },
  general_branch_admin: { title: "党总支组织委员", grants: [...branchReading, "cockpit.read"] },
  branch_secretary: { title: "党支部书记", grants: [...branchReading, ...branchWork] },
  branch_admin: { title: "支部组织委员", grants: [...branchReading, ...branchWork] },
  member: { title: "党员", grants: [...personal] },
  screen: { title: "大屏", grants: ["cockpit.read"] },
  system_admin: {
    title: "系统管理员",
    grants: ["system.read", "system.mend", "outbox.read", "outbox.retry", "account.manage"],
  },
} as const satisfies Record<string, { title: string; grants: readonly Permission[] }>;

export type RoleCode = keyof typeof initialRoles;
