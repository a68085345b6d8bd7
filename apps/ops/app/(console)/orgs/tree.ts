import type { RouterOutputs } from "@/lib/outputs.ts";

export type TreeNode = RouterOutputs["org"]["tree"]["nodes"][number];

/** Direct subordinates by superior; those without a visible superior under null. */
export function childrenOf(nodes: readonly TreeNode[]): Map<number | null, TreeNode[]> {
  const below = new Map<number | null, TreeNode[]>();
  for (const node of nodes) below.set(node.parentId, [...(below.get(node.parentId) ?? []), node]);
  return below;
}

/** Ids that a search shows: the hits and everything above them. null = no search. */
export function matching(nodes: readonly TreeNode[], query: string): ReadonlySet<number> | null {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return null;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const shown = new Set<number>();
  for (const node of nodes) {
    const hit = [node.name, node.fullName, node.code.toLowerCase()].some((text) => text.toLowerCase().includes(wanted));
    if (!hit && !node.initials.includes(wanted)) continue;
    for (
      let at: TreeNode | undefined = node;
      at && !shown.has(at.id);
      at = at.parentId === null ? undefined : byId.get(at.parentId)
    )
      shown.add(at.id);
  }
  return shown;
}

/** Rows from top to bottom, without what is folded away or not found. */
export function visibleRows(
  below: ReadonlyMap<number | null, TreeNode[]>,
  found: ReadonlySet<number> | null,
  folded: ReadonlySet<number>,
): Array<{ node: TreeNode; level: number; parent: boolean }> {
  const rows: Array<{ node: TreeNode; level: number; parent: boolean }> = [];
  const walk = (parent: number | null, level: number) => {
    for (const node of below.get(parent) ?? []) {
      if (found && !found.has(node.id)) continue;
      const subordinates = below.get(node.id) ?? [];
      rows.push({ node, level, parent: subordinates.length > 0 });
      if (!folded.has(node.id)) walk(node.id, level + 1);
    }
  };
  walk(null, 1);
  return rows;
}
