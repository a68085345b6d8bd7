import type { OrgName, SealedReport, SealedResult, SealedValue } from "../server/domain.ts";

/** A small college by hand: two branches, four members with a rank and one without data. */
export const orgs: Record<number, OrgName> = {
  1: { shortName: "学院", fullName: "学院党委", category: "", kind: "committee" },
  7: { shortName: "甲支部", fullName: "甲支部", category: "graduate", kind: "branch" },
  8: { shortName: "乙支部", fullName: "乙支部", category: "staff", kind: "branch" },
};

export const items = [
  { indicatorCode: "attendance_rate", title: "组织生活", source: "derived", weight: 6000 },
  { indicatorCode: "theory_learning", title: "理论学习", source: "imported", weight: 4000 },
];

export type Member = { id: string; orgId: number; score: number | null };
const everybody: Member[] = [
  { id: "a", orgId: 7, score: 90 },
  { id: "b", orgId: 8, score: 80 },
  { id: "c", orgId: 8, score: 70 },
  { id: "d", orgId: 7, score: 60 },
  { id: "e", orgId: 7, score: null },
];

const place = (all: readonly Member[], one: Member): number | null =>
  one.score === null ? null : all.filter((other) => other.score !== null && other.score > (one.score ?? 0)).length + 1;

export function sealed(members: readonly Member[] = everybody, versionNo = 1, schemeVersionId = "s1"): SealedReport {
  const ranked = members.filter(({ score }) => score !== null);
  const results = ["overall", ...items.map(({ indicatorCode }) => indicatorCode)].flatMap((indicatorCode) => {
    const people = members.flatMap((one): SealedResult[] => {
      const fellows = members.filter(({ orgId }) => orgId === one.orgId);
      const row = {
        subjectKind: "person",
        subjectId: one.id,
        indicatorCode,
        groupOrgId: one.orgId,
        scoreNum: one.score === null ? null : String(one.score),
        scoreDen: one.score === null ? null : "100",
        isTop: place(members, one) === 1,
        prevRank: null,
      };
      return [
        { ...row, populationKind: "college", populationOrgId: 1, rank: place(members, one), ofN: ranked.length },
        {
          ...row,
          populationKind: "branch",
          populationOrgId: one.orgId,
          rank: place(fellows, one),
          ofN: fellows.filter(({ score }) => score !== null).length,
        },
      ];
    });
    const shares = [7, 8].map((orgId) => {
      const own = ranked.filter((one) => one.orgId === orgId);
      return { orgId, num: own.filter((one) => place(members, one) === 1).length, den: own.length };
    });
    const branches = shares.map(
      ({ orgId, num, den }): SealedResult => ({
        populationKind: "college",
        populationOrgId: 1,
        subjectKind: "branch",
        subjectId: String(orgId),
        indicatorCode,
        groupOrgId: orgId,
        scoreNum: String(num),
        scoreDen: String(den),
        rank: shares.filter((other) => other.num * den > num * other.den).length + 1,
        ofN: shares.length,
        isTop: false,
        prevRank: null,
      }),
    );
    return [...people, ...branches];
  });
  const values = members.flatMap((one) =>
    items.map(
      ({ indicatorCode }): SealedValue => ({
        subjectKind: "person",
        subjectId: one.id,
        indicatorCode,
        groupOrgId: one.orgId,
        valueNum: one.score === null ? null : String(one.score),
        valueDen: one.score === null ? null : "100",
      }),
    ),
  );
  return {
    run: {
      id: `run${versionNo}`,
      orgId: 1,
      versionNo,
      schemeCode: schemeVersionId,
      schemeVersionId,
      topShareBp: 2000,
      asOfOn: "2026-12-31",
      digest: null,
      sealedAt: "2026-12-31T08:00:00.000Z",
      publishedAt: "2026-12-31T08:00:00.000Z",
      note: "",
      period: { id: "p", title: "2026年下半年", startsOn: "2026-07-01", endsOn: "2026-12-31" },
      items,
    },
    results,
    values,
    orgNames: { 7: "甲支部", 8: "乙支部" },
    whole: true,
  };
}
