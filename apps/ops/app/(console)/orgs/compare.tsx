"use client";

import { useQuery } from "@tanstack/react-query";
import { longDay, orgWords, useWords } from "@xianfeng/ui/messages";
import { Panel } from "@/components/panel.tsx";
import { Query } from "@/components/states.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import type { TreeNode } from "./tree.ts";

type Tree = RouterOutputs["org"]["tree"];
type Difference = { id: number; name: string; before: string; after: string };

/** What is different between a day and today: organisations that came and went, names, superiors, members. */
export function CompareWithToday({ past }: { past: Tree }) {
  const words = useWords(orgWords);
  const today = useQuery(useTRPC().org.tree.queryOptions({}));
  return (
    <Panel title={words.compare} className="org-compare">
      <Query of={today} what={words.compare}>
        {(now) => {
          const rows = differences(past.nodes, now.nodes, words);
          return (
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">{words.title}</th>
                  <th scope="col">{longDay(past.on)}</th>
                  <th scope="col">{words.now}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td>{row.name}</td>
                    <td>{row.before}</td>
                    <td>{row.after}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          );
        }}
      </Query>
    </Panel>
  );
}

function differences(
  past: readonly TreeNode[],
  now: readonly TreeNode[],
  words: (typeof orgWords)["zh-CN"],
): Difference[] {
  const nowById = new Map(now.map((node) => [node.id, node]));
  const thenById = new Map(past.map((node) => [node.id, node]));
  const nameIn = (byId: ReadonlyMap<number, TreeNode>, id: number | null) =>
    id === null ? "—" : (byId.get(id)?.name ?? "—");
  const rows: Difference[] = [];
  for (const id of new Set([...past, ...now].map((node) => node.id))) {
    const [before, after] = [thenById.get(id), nowById.get(id)];
    const say = (
      node: TreeNode | undefined,
      other: TreeNode | undefined,
      byId: ReadonlyMap<number, TreeNode>,
      absent: string,
    ) => {
      if (!node) return absent;
      const parts = [words.differs.members(node.members)];
      if (other && other.fullName !== node.fullName) parts.unshift(node.fullName);
      if (other && other.parentId !== node.parentId) parts.unshift(words.differs.under(nameIn(byId, node.parentId)));
      return parts.join("，");
    };
    const [left, right] = [say(before, after, thenById, words.notYet), say(after, before, nowById, words.gone)];
    if (left !== right) rows.push({ id, name: after?.name ?? before?.name ?? "", before: left, after: right });
  }
  return rows;
}
