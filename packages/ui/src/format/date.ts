const zone = "Asia/Shanghai";
const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

function shanghai(instant: string) {
  const found = Object.fromEntries(parts.formatToParts(Date.parse(instant)).map((part) => [part.type, part.value]));
  const { year = "", month = "", day = "", hour = "", minute = "", second = "" } = found;
  return { year: Number(year), month: Number(month), day: Number(day), hour, minute, second };
}

const split = (day: string) => day.split("-").map(Number) as [number, number, number];

/** A business day in text: `2026年8月31日`. @param day YYYY-MM-DD */
export function dayLong(day: string): string {
  const [year, month, date] = split(day);
  return `${year}年${month}月${date}日`;
}

/** Within the year: `8月31日`. */
export function dayShort(day: string): string {
  const [, month, date] = split(day);
  return `${month}月${date}日`;
}

/** An instant's time on the clock in Shanghai: `09:30:07`. @param instant ISO 8601 */
export function clock(instant: string): string {
  const { hour, minute, second } = shanghai(instant);
  return `${hour}:${minute}:${second}`;
}

/** `9月18日 10:12`, with the year in front when it is not `year`. */
export function moment(instant: string, year: number): string {
  const at = shanghai(instant);
  const day = `${at.month}月${at.day}日 ${at.hour}:${at.minute}`;
  return at.year === year ? day : `${at.year}年${day}`;
}

/** The business day of an instant, YYYY-MM-DD in Shanghai. */
export function dayOf(instant: string): string {
  const { year, month, day } = shanghai(instant);
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** "数据截至": the time alone today, else with its day. @param today YYYY-MM-DD */
export const asOf = (instant: string, today: string): string =>
  dayOf(instant) === today ? clock(instant) : `${dayLong(dayOf(instant))} ${clock(instant)}`;

/** How long something has lasted: `45秒`, `6分12秒`, `2小时5分`, `3天`. */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}秒`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60}分钟` : `${Math.floor(whole / 60)}分${whole % 60}秒`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}小时${Math.floor((whole % 3600) / 60)}分`;
  return `${Math.floor(whole / 86_400)}天`;
}
