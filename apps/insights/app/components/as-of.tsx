import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { useDates } from "../lib/dates.ts";
import { useLate } from "../lib/live.tsx";
import { frameWords } from "../messages/frame.ts";

/** How fresh the figures are: the commit time of the newest row, or in amber for how long they have not moved on. */
export function AsOf({ at, today, also }: { at: string | null; today: string; also?: string }) {
  const words = useWords(frameWords);
  const late = useLate(at);
  const { asOf, elapsed } = useDates();
  const time = at ? asOf(at, today) : "—";
  return (
    <span className={late === null ? "as-of" : "as-of late"} role="status">
      <Icon name="clock" size={14} />
      {late !== null ? words.late(time, elapsed(late / 1000)) : at ? words.asOf(time) : words.unknown}
      {also ? ` · ${also}` : ""}
    </span>
  );
}
