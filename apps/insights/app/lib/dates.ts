import { asOf, clock, dayLong, dayOf, elapsed, moment } from "@xianfeng/ui/format";
import { useLanguage } from "@xianfeng/ui/messages";

/** Days, times and periods in the reader's language. Days are YYYY-MM-DD, instants ISO 8601; the clock is that of Shanghai. */
export type Dates = {
  dayLong(day: string): string;
  moment(instant: string, year: number): string;
  asOf(instant: string, today: string): string;
  elapsed(seconds: number): string;
  /** The last day whose records a sealed run can hold: its as-of day, or the day of sealing when that came first. */
  dataDay(asOfOn: string, sealedAt: string | null): string;
  /** A half-year by its title, `2026年下半年`. */
  period(title: string): string;
  /** The same with room on an axis for six of them. */
  shortPeriod(title: string): string;
};

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function englishDay(day: string): string {
  const [year = "", month = "", date = ""] = day.split("-");
  return `${Number(date)} ${months[Number(month) - 1] ?? month} ${year}`;
}

function englishElapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return whole < 86_400
    ? `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
    : `${Math.floor(whole / 86_400)} days`;
}

const half = /^(\d{4})年(上|下)半年$/;
const lastDay = (asOfOn: string, sealedAt: string | null): string =>
  sealedAt && dayOf(sealedAt) < asOfOn ? dayOf(sealedAt) : asOfOn;

const chinese: Dates = {
  dayLong,
  moment,
  asOf,
  elapsed,
  dataDay: (asOfOn, sealedAt) => dayLong(lastDay(asOfOn, sealedAt)),
  period: (title) => title,
  shortPeriod: (title) => title.replace(/^20(\d\d)年(.).*$/, "$1$2"),
};

const english: Dates = {
  dayLong: englishDay,
  moment(instant, year) {
    const day = dayOf(instant);
    const text = englishDay(day);
    return `${day.startsWith(`${year}-`) ? text.slice(0, -5) : text} ${clock(instant).slice(0, 5)}`;
  },
  asOf: (instant, today) =>
    dayOf(instant) === today ? clock(instant) : `${englishDay(dayOf(instant))} ${clock(instant)}`,
  elapsed: englishElapsed,
  dataDay: (asOfOn, sealedAt) => englishDay(lastDay(asOfOn, sealedAt)),
  period: (title) => title.replace(half, (_, year, part) => `${part === "上" ? "First" : "Second"} half of ${year}`),
  shortPeriod: (title) => title.replace(half, (_, year, part) => `${year.slice(2)} H${part === "上" ? 1 : 2}`),
};

export const datesIn = (language: "zh-CN" | "en"): Dates => (language === "en" ? english : chinese);
export const useDates = (): Dates => datesIn(useLanguage());
