import { dayAt, timeAt } from "@xianfeng/trpc/calendar";
import { longDay, shortDay, weekday } from "@xianfeng/ui/messages";

type Language = "zh-CN" | "en";

/** 11月20日 周五 15:00; of another year 2025年11月20日 15:00 */
export function startText(startsAt: Date, language: Language): string {
  const day = dayAt(startsAt);
  if (day.slice(0, 4) !== dayAt(new Date()).slice(0, 4)) return `${longDay(day)} ${timeAt(startsAt)}`;
  return `${shortDay(day)} ${weekday(day, language)} ${timeAt(startsAt)}`;
}

/** 11月20日 周五 15:00—16:30 */
export const spanText = (startsAt: Date, endsAt: Date, language: Language): string =>
  `${startText(startsAt, language)}—${timeAt(endsAt)}`;

const seconds = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});

/** 15:32:08 */
export const secondText = (instant: Date): string => seconds.format(instant);
