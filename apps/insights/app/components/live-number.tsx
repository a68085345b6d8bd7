import { useWords } from "@xianfeng/ui/messages";
import type { OpenNumber } from "../figures.ts";
import { useDates } from "../lib/dates.ts";
import type { Explained } from "../lib/explain.ts";
import { panelWords } from "../messages/panel.ts";
import { OpenedNumber } from "./number-panel.tsx";

/** The panel of a number that is computed from the newest records. */
export function LiveNumber({
  mart,
  at,
  today,
  find,
}: {
  mart: string;
  at: string | null;
  today: string;
  find: (open: OpenNumber) => Explained | null;
}) {
  const words = useWords(panelWords);
  const { asOf } = useDates();
  return (
    <OpenedNumber
      find={find}
      top=""
      time={<p>{words.live(at ? asOf(at, today) : "—")}</p>}
      technical={[[words.mart, mart]]}
    />
  );
}
