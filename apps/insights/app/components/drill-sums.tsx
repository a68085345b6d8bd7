import { useWords } from "@xianfeng/ui/messages";
import type { Explained } from "../lib/explain.ts";
import { drillWords } from "../messages/drill.ts";
import { panelWords } from "../messages/panel.ts";
import { Told } from "./figure.tsx";

/** Expected, present and their rate, each of which says where it comes from. */
export function DrillSums({ sums }: { sums: { expected: Explained; present: Explained; rate: Explained } }) {
  const { head } = useWords(drillWords);
  const { times } = useWords(panelWords);
  const lines = [
    [head.expected, sums.expected, times],
    [head.present, sums.present, times],
    [head.rate, sums.rate, ""],
  ] as const;
  return lines.map(([title, number, unit]) => (
    <div key={title}>
      <dt>{title}</dt>
      <dd>
        <b className="num">
          <Told number={number} />
        </b>
        {unit && <small>{unit}</small>}
      </dd>
    </div>
  ));
}
