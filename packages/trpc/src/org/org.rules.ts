/** Pure rules of the organisation tree. Clauses: 党章 art. 30, 支部工作条例 art. 4–6; ORG-02, ORG-03, ORG-05, ORG-14, ORG-22. */
export const orgKinds = [
  "committee",
  "general_branch",
  "branch",
  "joint_branch",
  "temporary_branch",
  "floating_branch",
] as const;
export type OrgKind = (typeof orgKinds)[number];

export const orgCategories = ["staff", "graduate", "undergraduate", "retired", "mixed"] as const;

const branches: readonly OrgKind[] = ["branch", "joint_branch", "temporary_branch", "floating_branch"];

/** Members belong to branches only; committees and general branches have them through their branches. */
export const isBranch = (kind: string): boolean => (branches as readonly string[]).includes(kind);

/** What may be set up directly below: under a branch nothing but Party groups, and those are no organisations of their own. */
export function kindsBelow(kind: string): readonly OrgKind[] {
  if (kind === "committee") return orgKinds;
  if (kind === "general_branch") return branches;
  return [];
}

/** More members than this and a branch should be divided or raised; a hint, not a limit [warn]. */
export const largeBranch = 50;

/** Why an organisation may not be moved below another one; null when it may. */
export function moveProblem(
  org: { id: number; parentId: number | null; kind: string; path: string },
  to: { id: number; kind: string; path: string },
): string | null {
  if (org.parentId === null) return "最上级党组织不能移动";
  if (to.path.startsWith(org.path)) return "不能移到它自己或它的下级";
  if (org.parentId === to.id) return "它现在就隶属于这个党组织";
  if (!(kindsBelow(to.kind) as readonly string[]).includes(org.kind)) return "这类党组织下面不能设它，请另选上级";
  return null;
}

/** Why one organisation may not be merged into another; null when it may. */
export function mergeProblem(
  from: { id: number; kind: string },
  to: { id: number; kind: string },
  facts: { livingBelow: number; openMeetings: number },
): string | null {
  if (from.id === to.id) return "不能并入自己";
  if (!isBranch(from.kind) || !isBranch(to.kind)) return "只有党支部之间可以合并，请先调整下级党组织";
  if (facts.livingBelow > 0) return "它还有下级党组织，请先移走";
  if (facts.openMeetings > 0) return `它还有${facts.openMeetings}个已发布、未结束的会议，请先结束或作废`;
  return null;
}
