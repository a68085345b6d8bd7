const weekdays = {
  "zh-CN": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
};

/** 2026-11-22 → 2026年11月22日: dates in running text. */
export const longDay = (day: string): string => {
  const [year, month, date] = day.split("-").map(Number);
  return `${year}年${month}月${date}日`;
};

/** 2026-11-22 → 11月22日: dates within the year. */
export const shortDay = (day: string): string => {
  const [, month, date] = day.split("-").map(Number);
  return `${month}月${date}日`;
};

/** 周五 */
export const weekday = (day: string, language: "zh-CN" | "en" = "zh-CN"): string =>
  weekdays[language][new Date(`${day}T00:00:00Z`).getUTCDay()] ?? "";

/** Whole days from `from` to `to`; negative when `to` is over. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

const clock = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

/** An instant as people in Shanghai read it: 11月22日 15:30, with the year when it is another one than `today`'s. */
export function instantText(instant: Date, today: string): string {
  const part = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, value]));
  const day = `${part.month}月${part.day}日 ${part.hour}:${part.minute}`;
  return part.year === today.slice(0, 4) ? day : `${part.year}年${day}`;
}

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1286 → 1,286 */
export const count = (value: number): string => grouped.format(value);
