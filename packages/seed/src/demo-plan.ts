/** The demo college: its organisations and how many members each has. Everything is invented. */
export type BranchPlan = {
  code: string;
  shortName: string;
  category: "staff" | "graduate" | "undergraduate" | "retired";
  members: number;
  under: "committee" | "graduate" | "undergraduate";
  groups: number;
  reliability: number;
};

const branch = (
  code: string,
  shortName: string,
  category: BranchPlan["category"],
  members: number,
  reliability: number,
  under?: BranchPlan["under"],
): BranchPlan => ({
  code,
  shortName,
  category,
  members,
  reliability,
  under: under ?? (category === "graduate" ? "graduate" : category === "undergraduate" ? "undergraduate" : "committee"),
  groups: Math.max(1, Math.min(4, Math.round(members / 11))),
});

export const demoBranches: readonly BranchPlan[] = [
  branch("0128-01", "软件工程系教工党支部", "staff", 31, 0.9),
  branch("0128-02", "计算机系教工党支部", "staff", 38, 0.87),
  branch("0128-03", "人工智能系教工党支部", "staff", 29, 0.95),
  branch("0128-05", "网络空间安全系教工党支部", "staff", 22, 0.84),
  branch("0128-06", "数据科学系教工党支部", "staff", 19, 0.92),
  branch("0128-07", "实验中心教工党支部", "staff", 12, 0.8),
  branch("0128-08", "学院机关党支部", "staff", 26, 0.9),
  branch("0128-09", "软件工程研究生第一党支部", "graduate", 26, 0.95),
  branch("0128-10", "软件工程研究生第二党支部", "graduate", 28, 0.9),
  branch("0128-11", "人工智能研究生第一党支部", "graduate", 41, 0.91),
  branch("0128-12", "人工智能研究生第二党支部", "graduate", 37, 0.84),
  branch("0128-13", "网络安全研究生党支部", "graduate", 33, 0.93),
  branch("0128-14", "数据科学研究生党支部", "graduate", 30, 0.88),
  branch("0128-15", "体系结构研究生党支部", "graduate", 24, 0.79),
  branch("0128-16", "图形与视觉研究生党支部", "graduate", 35, 0.86),
  branch("0128-17", "博士生第一党支部", "graduate", 46, 0.87),
  branch("0128-18", "博士生第二党支部", "graduate", 44, 0.82),
  branch("0128-19", "计算机科学本科生党支部", "undergraduate", 52, 0.85),
  branch("0128-20", "软件工程本科生党支部", "undergraduate", 47, 0.89),
  branch("0128-21", "人工智能本科生党支部", "undergraduate", 36, 0.87),
  branch("0128-22", "网络安全本科生党支部", "undergraduate", 29, 0.85),
  branch("0128-23", "数据科学本科生党支部", "undergraduate", 25, 0.88),
  branch("0128-24", "拔尖班本科生党支部", "undergraduate", 9, 0.94),
  branch("0128-25", "离退休党支部", "retired", 43, 0.83),
];

export const groupNames = ["第一党小组", "第二党小组", "第三党小组", "第四党小组"];

export const places = [
  "学院楼A302",
  "学院楼B108",
  "学院楼B210",
  "实验楼402",
  "实验楼405",
  "图书馆报告厅",
  "校档案馆",
  "线上会议室",
];

export const meetingTitles: Record<string, readonly string[]> = {
  member_meeting: [
    "党员大会：学习贯彻全会精神",
    "党员大会：讨论支部年度计划",
    "党员大会：听取支委会工作报告",
    "党员大会：讨论接收预备党员",
  ],
  branch_committee_meeting: ["支委会：研究月度工作", "支委会：审查发展对象材料", "支委会：讨论党员教育安排"],
  group_meeting: ["党小组会：交流学习体会", "党小组会：开展批评和自我批评", "党小组会：讨论帮扶安排"],
  party_lesson: ["党课：党的创新理论与专业实践", "党课：党章党规专题", "党课：学院改革发展中的党员担当"],
  theme_day: [
    "主题党日：红色档案里的专业史",
    "主题党日：志愿服务进社区",
    "主题党日：重温入党誓词",
    "主题党日：参观校史馆",
  ],
};

export const ethnicities = [
  "汉族",
  "汉族",
  "汉族",
  "汉族",
  "汉族",
  "汉族",
  "汉族",
  "回族",
  "满族",
  "壮族",
  "土家族",
  "维吾尔族",
  "蒙古族",
];

export type DemoPerson = {
  id: string;
  name: string;
  identity: "full_member" | "probationary_member";
  from: string;
  to: string | null;
  groupId: string;
  reliability: number;
};

export type DemoBranch = {
  plan: BranchPlan;
  orgId: number;
  openedOn: string;
  people: DemoPerson[];
  committee: DemoPerson[];
  groups: { id: string; leader: DemoPerson | undefined }[];
  secretaryPrincipal: string;
};
