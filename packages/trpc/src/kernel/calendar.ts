/**
 * Business days are `YYYY-MM-DD` strings in Asia/Shanghai from the form to the column. The only module that makes a Date from a day:
 * a local midnight would be the day before in UTC.
 */
const zone = "Asia/Shanghai";
const dayFormat = new Intl.DateTimeFormat("en-CA", {
  timeZone: zone,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});
const timeFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

/** The business day on which an instant falls. */
export const dayAt = (instant: Date): string => dayFormat.format(instant);

/** HH:MM on the wall clock in Shanghai. */
export const timeAt = (instant: Date): string => timeFormat.format(instant);

/** A `date` column's value for a day, and back. */
export const toColumn = (day: string): Date => new Date(`${day}T00:00:00.000Z`);
export const fromColumn = (value: Date): string => value.toISOString().slice(0, 10);

/** The instant of a wall-clock time on a day; Shanghai has had no summer time since 1991. */
export const instantOf = (day: string, time: string): Date => new Date(`${day}T${time}:00.000+08:00`);

/** Whether the text is a day that exists, between 1900 and 2100. */
export function isDay(text: string): boolean {
  if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(text)) return false;
  const date = toColumn(text);
  return !Number.isNaN(date.getTime()) && fromColumn(date) === text;
}

export function addDays(day: string, days: number): string {
  const date = toColumn(day);
  date.setUTCDate(date.getUTCDate() + days);
  return fromColumn(date);
}

/** Same day of the month, or the last day where it does not exist: 31 August + 6 months = 28 February. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, last));
  return fromColumn(first);
}

export const addMinutes = (instant: Date, minutes: number): Date => new Date(instant.getTime() + minutes * 60_000);

/** Last day of the month or quarter in which a day lies. */
export const endOfMonth = (day: string): string => addDays(addMonths(`${day.slice(0, 7)}-01`, 1), -1);
export function endOfQuarter(day: string): string {
  const month = Number(day.slice(5, 7));
  return endOfMonth(`${day.slice(0, 4)}-${String(Math.ceil(month / 3) * 3).padStart(2, "0")}-01`);
}

/** `2026-11` and `2026-Q4`: the period of a monthly or quarterly duty in which a day lies. */
export const monthKey = (day: string): string => day.slice(0, 7);
export const quarterKey = (day: string): string => `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
