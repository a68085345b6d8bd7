import type { Random } from "./random.ts";

/** Whose branch somebody is in; what the schema knows of an occupation. */
export type Walk = "student" | "working" | "retired";

/**
 * Shares of the members at the end of 2024: 中国共产党党内统计公报, 30 June 2025. `occupations` are those of the bulletin; the schema has
 * no column for them, so only students and retired are told apart, by the category of their branch.
 */
export const bulletin = {
  women: 0.309,
  minorities: 0.077,
  collegeAndAbove: 0.576,
  ages: [
    { from: 19, to: 30, share: 0.1224 },
    { from: 31, to: 35, share: 0.1073 },
    { from: 36, to: 40, share: 0.1144 },
    { from: 41, to: 45, share: 0.0966 },
    { from: 46, to: 50, share: 0.0902 },
    { from: 51, to: 55, share: 0.0939 },
    { from: 56, to: 60, share: 0.0862 },
    { from: 61, to: 98, share: 0.289 },
  ],
  /** Oldest last, like ages: the young joined late. */
  joined: [
    { from: "2012-11-15", to: "2024-12-31", share: 0.2803 },
    { from: "1978-12-18", to: "2012-11-14", share: 0.5964 },
    { from: "1949-10-01", to: "1978-12-17", share: 0.1228 },
    { from: "1944-01-01", to: "1949-09-30", share: 0.0005 },
  ],
  occupations: { student: 0.0261, retired: 0.2141, working: 0.7598 },
  /** New members in a year, and so about the share of probationary ones. */
  joinedInYear: 0.021,
  /** Organisations: of 525.0 there are 30.6 committees, 33.0 general branches and 461.4 branches. */
  membersPerBranch: 21.7,
  committeesPerBranch: 30.6 / 461.4,
  generalBranchesPerBranch: 33.0 / 461.4,
} as const;

const young = bulletin.ages[0].share;
const old = bulletin.ages[7].share;
const { student, retired, working } = bulletin.occupations;

export type Drawn = {
  birthYear: number;
  sex: "male" | "female";
  ethnicity: string;
  education: string;
  joinedOn: string;
};

/** 0 for the youngest member of all, 1 for the oldest: students are among the youngest, the retired among the oldest. */
function ageRank(random: Random, walk: Walk): number {
  if (walk === "student") return random.next() * young;
  if (walk === "retired") return 1 - random.next() * old;
  // What those two leave of each age.
  const at = random.next() * working;
  const youngLeft = young - student;
  if (at < youngLeft) return (at / youngLeft) * young;
  const middle = 1 - young - old;
  if (at < youngLeft + middle) return young + at - youngLeft;
  return 1 - old + ((at - youngLeft - middle) / (old - retired)) * old;
}

function groupOf<Group extends { share: number }>(
  groups: readonly Group[],
  rank: number,
): { group: Group; at: number } {
  let before = 0;
  for (const group of groups) {
    if (rank < before + group.share) return { group, at: (rank - before) / group.share };
    before += group.share;
  }
  const last = groups[groups.length - 1];
  if (!last) throw new RangeError("no groups");
  return { group: last, at: 1 };
}

const dayMs = 86_400_000;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
/** The first day on which somebody born in this year is certainly of age. */
const ofAge = (birthYear: number) => Date.UTC(birthYear + 19, 0, 1);

/** A member as the bulletin says there are. `newSince`: first day of the year in which the newest joined. */
export function drawMember(random: Random, walk: Walk, newSince: string): Drawn {
  const rank = ageRank(random, walk);
  const { group, at } = groupOf(bulletin.ages, rank);
  const years = group.to - group.from + 1;
  // Few are eighty or older; few join at once when they are of age.
  const bend = group.to > 61 ? at ** 1.3 : group.to === 30 ? at ** 0.5 : at;
  const birthYear = 2024 - Math.min(group.to, group.from + Math.floor(years * bend));
  const isCollege = random.chance(walk === "student" ? 1 : collegeOfOthers);
  return {
    birthYear,
    sex: random.chance(bulletin.women) ? "female" : "male",
    ethnicity: random.chance(bulletin.minorities) ? random.pick(minorities) : "汉族",
    education: random.pick(isCollege ? (walk === "student" ? ["本科", "硕士研究生"] : higher) : lower),
    joinedOn: joinedOn(random, rank, birthYear, newSince),
  };
}

function joinedOn(random: Random, rank: number, birthYear: number, newSince: string): string {
  const { group } = groupOf(bulletin.joined, rank);
  if (group === bulletin.joined[0] && random.chance(bulletin.joinedInYear / group.share))
    return day(Date.parse(newSince) + random.int(0, 364) * dayMs);
  const to = Date.parse(group.to);
  const from = Math.min(Math.max(Date.parse(group.from), ofAge(birthYear)), to);
  return day(from + Math.floor(random.next() * ((to - from) / dayMs + 1)) * dayMs);
}

const collegeOfOthers = (bulletin.collegeAndAbove - student) / (1 - student);
const minorities = ["壮族", "维吾尔族", "回族", "苗族", "满族", "彝族", "土家族", "藏族", "蒙古族", "侗族"];
const higher = ["大专", "大专", "本科", "本科", "本科", "硕士研究生", "博士研究生"];
const lower = ["初中及以下", "初中及以下", "高中", "中专"];
