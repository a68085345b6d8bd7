import { fraction, percent } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import type { SchemeItem } from "../../server/domain.ts";
import type { OpenNumber } from "../figures.ts";
import { useDates } from "../lib/dates.ts";
import type { Explained } from "../lib/explain.ts";
import { panelWords } from "../messages/panel.ts";
import { OpenedNumber } from "./number-panel.tsx";

type RunOf = {
  state: string;
  versionNo: number;
  asOfOn: string;
  sealedAt: string | null;
  schemeCode: string;
  digest: string | null;
  items: SchemeItem[];
};

/** The panel of a number of an evaluation: sealed, a preview, or live, with the scheme that it was computed by. */
export function RunNumber({
  run,
  mart,
  top,
  at,
  today,
  find,
}: {
  run: RunOf;
  mart: string;
  top: string;
  /** Commit time of the newest row that was counted. */
  at: string | null;
  today: string;
  find: (open: OpenNumber) => Explained | null;
}) {
  const words = useWords(panelWords);
  const { asOf, dataDay, moment } = useDates();
  const time = at ? asOf(at, today) : "—";
  const sealedAt = run.state === "sealed" ? run.sealedAt : null;
  const total = run.items.reduce((sum, item) => sum + item.weight, 0);
  const weights = run.items.map((item) => `${item.title} ${percent(fraction(item.weight, total), 0)}`);
  return (
    <OpenedNumber
      find={find}
      top={top}
      scheme={words.schemeOf(run.schemeCode, weights.join(words.comma))}
      time={
        <p>
          {sealedAt
            ? words.sealed(dataDay(run.asOfOn, sealedAt), run.versionNo, moment(sealedAt, Number(today.slice(0, 4))))
            : run.state === "preview"
              ? words.preview(time)
              : words.live(time)}
        </p>
      }
      technical={[
        [words.mart, mart],
        ...(run.digest ? [[words.digest, `${run.digest.slice(0, 6)}…${run.digest.slice(-4)}`] as const] : []),
      ]}
    />
  );
}
