import { type Fraction, scaled } from "./fraction.ts";

/** U+2212: a hyphen is not a minus. */
const minus = "−";
/** What stands where a value is missing. Never 0. */
export const none = "—";

const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

/** `1,286`; with a sign when negative. */
export function count(value: number | bigint | null | undefined): string {
  if (value === null || value === undefined) return none;
  const text = String(value);
  return text.startsWith("-") ? `${minus}${grouped(text.slice(1))}` : grouped(text);
}

/** From 10,000: `1.2万`, from 100 million: `1.3亿`, one decimal, half up. For running text; tables keep full digits. */
export function large(value: number | null | undefined): string {
  if (value === null || value === undefined) return none;
  const size = Math.abs(value);
  if (size < 10_000) return count(value);
  // 99,999,500 and more would read 10000.0万.
  const [unit, name] = size >= 99_995_000 ? [100_000_000, "亿"] : [10_000, "万"];
  return `${decimal({ num: BigInt(value), den: BigInt(unit) }, 1)}${name}`;
}

/** A quotient with a fixed number of decimals, rounded half away from zero, without detour through a float. */
export function decimal(value: Fraction | null, digits: number): string {
  if (value === null) return none;
  const steps = scaled(value, digits);
  const size = (steps < 0n ? -steps : steps).toString().padStart(digits + 1, "0");
  const whole = grouped(digits === 0 ? size : size.slice(0, -digits));
  return `${steps < 0n ? minus : ""}${whole}${digits === 0 ? "" : `.${size.slice(-digits)}`}`;
}

const timesHundred = ({ num, den }: Fraction): Fraction => ({ num: num * 100n, den });

/** `30.8%`: one decimal, half up, from the exact pair. */
export function percent(value: Fraction | null, digits = 1): string {
  return value === null ? none : `${decimal(timesHundred(value), digits)}%`;
}

/** A score on the scale of 100 without a sign: `91.3`. */
export const score = (value: Fraction | null, digits = 1): string =>
  value === null ? none : decimal(timesHundred(value), digits);

/** A difference of two shares in percentage points, with its sign: `+2.3`, `−0.7`, `0.0`. */
export function points(value: Fraction | null, digits = 1): string {
  if (value === null) return none;
  const text = decimal(timesHundred(value), digits);
  return scaled(timesHundred(value), digits) > 0n ? `+${text}` : text;
}

/** A change of a count with its sign: `+2`, `−3`, `0`. */
export const signed = (value: number): string => (value > 0 ? `+${count(value)}` : count(value));

/** A count of people that may be too small to show (1–4): `<5`; 0 stays 0. */
export type SmallCell = number | "hidden";
export const smallCell = (value: SmallCell | null | undefined): string => (value === "hidden" ? "<5" : count(value));
