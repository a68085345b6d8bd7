import { area } from "@xianfeng/ui/messages";

/** What a figure means: read by the number panel, and nowhere else written down for readers. */
export type Definition = {
  title: string;
  unit: string;
  /** What is counted, in one or two sentences. `top` is the top share, as "20%". */
  what: (top: string) => string;
  formula: string;
  numerator: string;
  denominator: string;
  /** What a blank means. */
  blank: string;
  /** The clause, or said plainly that it is our own measure. */
  basis: string;
};

/** Members of the semantic layer that each figure is read from. */
export const figureMembers = {
  share: ["branch_ranking.share_num", "branch_ranking.share_den"],
  rank: ["branch_ranking.rank", "branch_ranking.of_n"],
  missing: ["branch_ranking.members_missing"],
  ranked: ["branch_ranking.members_ranked"],
} as const;

export type Figure = keyof typeof figureMembers;

export const isFigure = (name: string): name is Figure => Object.hasOwn(figureMembers, name);

const own = "学院自定的评价指标（自有口径），不是上级规定，不作为唯一考核依据。";
const ownEn = "The college's own measure, no regulation; never the only ground for an assessment.";

export const definitions = area<Record<Figure, Definition>>(
  {
    share: {
      title: "前列占比",
      unit: "%，保留一位小数",
      what: (top) => `本支部参评党员中，名次进入学院前${top}的人数占比。末位并列的都计入。`,
      formula: "占比 = 进入前列的党员 ÷ 参评党员",
      numerator: "名次进入学院前列的党员，以评价截止日所在支部计",
      denominator: "评价截止日在本支部、这项指标有数据的正式党员和预备党员",
      blank: "支部没有参评党员时显示“—”，不写0",
      basis: own,
    },
    rank: {
      title: "支部名次",
      unit: "名",
      what: (top) => `各支部按“前${top}占比”从高到低排列。占比相同名次并列，下一个名次顺延（1、2、2、4）。`,
      formula: "名次 = 占比高于本支部的支部数 + 1",
      numerator: "占比高于本支部的支部",
      denominator: "有参评党员的支部",
      blank: "没有参评党员的支部不参与排名",
      basis: own,
    },
    missing: {
      title: "缺数据",
      unit: "名",
      what: () =>
        "属于本支部、应参评，但这项指标没有数据的党员。缺数据不按0计，也不参与排名。综合名次缺任何一项指标都算缺数据。",
      formula: "缺数据 = 应参评党员 − 参评党员",
      numerator: "没有数据的党员",
      denominator: "应参评党员",
      blank: "0 表示没有人缺数据",
      basis: own,
    },
    ranked: {
      title: "参评党员",
      unit: "名",
      what: () => "评价截止日在本支部、有数据的正式党员和预备党员。",
      formula: "参评党员 = 应参评党员 − 缺数据",
      numerator: "参评党员",
      denominator: "应参评党员",
      blank: "0 表示没有人参评",
      basis: own,
    },
  },
  {
    share: {
      title: "Share in the top",
      unit: "%, one decimal",
      what: (top) =>
        `Share of the branch's ranked members who are in the college's top ${top}. All tied at the edge are in.`,
      formula: "Share = members in the top ÷ members ranked",
      numerator: "Members in the college's top share, by their branch on the as-of day",
      denominator: "Members of the branch on the as-of day who have a value",
      blank: "Without ranked members “—”, never 0",
      basis: ownEn,
    },
    rank: {
      title: "Rank of the branch",
      unit: "",
      what: (top) => `Branches by their share in the top ${top}, highest first. Ties share a rank (1, 2, 2, 4).`,
      formula: "Rank = branches with a higher share + 1",
      numerator: "Branches with a higher share",
      denominator: "Branches with ranked members",
      blank: "A branch without ranked members has no rank",
      basis: ownEn,
    },
    missing: {
      title: "Missing",
      unit: "",
      what: () => "Members of the branch who should be evaluated but have no value. Missing is not 0 and has no rank.",
      formula: "Missing = members to evaluate − members ranked",
      numerator: "Members without a value",
      denominator: "Members to evaluate",
      blank: "0 means nobody is missing",
      basis: ownEn,
    },
    ranked: {
      title: "Members ranked",
      unit: "",
      what: () => "Full and probationary members of the branch on the as-of day who have a value.",
      formula: "Ranked = members to evaluate − missing",
      numerator: "Members ranked",
      denominator: "Members to evaluate",
      blank: "0 means nobody is ranked",
      basis: ownEn,
    },
  },
);
