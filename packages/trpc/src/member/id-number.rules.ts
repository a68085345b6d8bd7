import { isDay } from "../kernel/calendar.ts";

/** Why a citizen ID number cannot be taken; tested in this order. Source: GB 11643-1999. */
export type IdNumberProblem = "charset" | "length" | "birth_date" | "birth_future" | "checksum";

export type IdNumber =
  | {
      ok: true;
      /** 18 characters, half width, X in capitals. */
      id18: string;
      birth: string;
      sex: "male" | "female";
      /** Written with 15 digits, as before 2000. */
      upgraded: boolean;
      /** Order numbers 996–999 of 15 digits were kept for people born in the 1800s: ask. */
      flag?: "century_doubt";
    }
  | { ok: false; reason: IdNumberProblem };

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** The 18th character for the first 17 digits: weighted sum modulo 11. */
export function checkDigit(first17: string): string {
  const sum = [...first17].reduce((total, digit, at) => total + Number(digit) * (weights[at] ?? 0), 0);
  return "10X98765432"[sum % 11] ?? "";
}

/** Full-width to half-width, spaces out, x to X. Hyphens stay, so that they are refused with a reason. */
export const normaliseIdNumber = (text: string): string => text.normalize("NFKC").replace(/\s/g, "").toUpperCase();

/**
 * Reads an ID number as people write it. The region is not judged: old numbers have regions that are gone. A wrong number is refused,
 * never corrected (IA22–IA24).
 * @param today later births are refused; without it none is
 */
export function parseIdNumber(text: string, today?: string): IdNumber {
  const id = normaliseIdNumber(text);
  const short = id.length === 15;
  if (!(short ? /^\d{15}$/ : /^\d*X?$/).test(id) || (id.endsWith("X") && id.length < 18))
    return { ok: false, reason: "charset" };
  if (!short && id.length !== 18) return { ok: false, reason: "length" };
  const first17 = short ? `${id.slice(0, 6)}19${id.slice(6)}` : id.slice(0, 17);
  const birth = `${first17.slice(6, 10)}-${first17.slice(10, 12)}-${first17.slice(12, 14)}`;
  if (!existed(birth)) return { ok: false, reason: "birth_date" };
  if (today !== undefined && birth > today) return { ok: false, reason: "birth_future" };
  const last = checkDigit(first17);
  if (!short && id[17] !== last) return { ok: false, reason: "checksum" };
  const order = first17.slice(14);
  return {
    ok: true,
    id18: first17 + last,
    birth,
    sex: Number(order[2]) % 2 === 1 ? "male" : "female",
    upgraded: short,
    ...(short && Number(order) >= 996 ? { flag: "century_doubt" as const } : {}),
  };
}

/** Days of the 1800s exist too; the calendar of business days begins later. */
const existed = (day: string): boolean =>
  /^18/.test(day) ? isDay(`20${day.slice(2)}`) || is1800sLeapDay(day) : isDay(day);
const is1800sLeapDay = (day: string): boolean => {
  const year = Number(day.slice(0, 4));
  return day.endsWith("-02-29") && year % 4 === 0 && year !== 1800;
};

/** Whether two written forms are one person's number: both valid and equal in 18 characters. */
export function samePerson(one: string, other: string): boolean {
  const [a, b] = [parseIdNumber(one), parseIdNumber(other)];
  return a.ok && b.ok && a.id18 === b.id18;
}

export const idNumberWords: Record<IdNumberProblem, string> = {
  charset: "身份证号只能有数字，最后一位可以是X；请去掉其他符号后再填",
  length: "身份证号应为18位（或旧的15位），请核对",
  birth_date: "身份证号里的出生日期不存在，请核对",
  birth_future: "身份证号里的出生日期晚于今天，请核对",
  checksum: "身份证号校验不通过，请逐位核对",
};
