import { useWords } from "@xianfeng/ui/messages";
import { PanelRows } from "../components/panel-rows.tsx";
import type { Explained } from "../lib/explain.ts";
import type { Compared } from "../lib/ranking.ts";
import { runsWords } from "../messages/runs.ts";

/** How many branches stand at another rank than in the version before. */
export function useMoved(compared: readonly Compared[] | null, now: number, before: number, of: string): Explained {
  const words = useWords(runsWords);
  const moved = compared?.filter((line) => line.before && line.before.rank !== line.now.rank) ?? [];
  return {
    figure: "moved",
    subject: "all",
    of,
    value: compared ? String(moved.length) : "—",
    parts: null,
    rows: (
      <PanelRows
        head={[words.head.branch, words.head.version(now), words.head.version(before)]}
        rows={moved.map((line) => ({
          key: String(line.orgId),
          cells: [line.name, line.now.rank ?? "—", line.before?.rank ?? "—"],
        }))}
      />
    ),
  };
}
