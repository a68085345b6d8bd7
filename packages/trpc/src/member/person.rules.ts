import { pinyin } from "pinyin-pro";
import { addMonths } from "../kernel/calendar.ts";

export const identities = [
  "masses",
  "applicant",
  "activist",
  "development_target",
  "probationary_member",
  "full_member",
  "left",
] as const;
export type PersonIdentity = (typeof identities)[number];

/** Full and probationary members: those whom "党员" means in figures and lists. */
export const memberIdentities: readonly PersonIdentity[] = ["full_member", "probationary_member"];

/** One way of writing a name: NFC, the middle dots of other scripts as `·`, no space around it (IA20, IA21). */
export const normaliseName = (text: string): string =>
  text
    .normalize("NFC")
    .trim()
    .replace(/\s*[·•・‧∙⋅]\s*/gu, "·")
    .replace(/\s+/g, " ");

/** Letters of any script with their marks, the middle dot, and what Latin names need. */
export const isName = (name: string): boolean => /^[\p{L}\p{M}· '.-]+$/u.test(name) && /\p{L}/u.test(name);

/** A mobile number in eleven digits, however it was written; null for anything else, landlines too (IA25). */
export function parsePhone(text: string): string | null {
  const digits = text
    .normalize("NFKC")
    .replace(/[\s-]/g, "")
    .replace(/^(?:\+86|0086)/, "");
  return /^1[3-9]\d{9}$/.test(digits) ? digits : null;
}

/**
 * A mail address as it is kept: no space around it, half-width, the domain in small letters; null for anything else. Narrower than the
 * standard allows: quoted parts and addresses without a point in the domain are typing errors far more often than addresses.
 */
export function parseMail(text: string): string | null {
  const typed = text.normalize("NFKC").trim();
  const at = typed.lastIndexOf("@");
  const local = typed.slice(0, at);
  const domain = typed.slice(at + 1).toLowerCase();
  if (at < 1 || local.length > 64 || typed.length > 254) return null;
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local)) return null;
  if (!/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(domain)) return null;
  return `${local}@${domain}`;
}

export const mailProblem = "邮箱地址不对，应写成 name@example.edu.cn 的样子";

/** How a name is found by its sound: `danxiaoming` and `dxm` for 单晓明 — surnames have readings of their own. */
export function soundOf(name: string): { pinyin: string; initials: string } {
  const syllables = pinyin(name, { surname: "head", toneType: "none", type: "array", v: true })
    .map((syllable) => syllable.toLowerCase().replace(/[^a-z]/g, ""))
    .filter((syllable) => syllable !== "");
  return { pinyin: syllables.join(""), initials: syllables.map((syllable) => syllable[0]).join("") };
}

/** Eighteen on that day. Source: 党章 art. 1. Born on 29 February: 28 February counts. */
export const isAdult = (birth: string, on: string): boolean => addMonths(birth, 18 * 12) <= on;

/** The dated identities of somebody who is entered now. `on` is the day of an identity before membership. */
export function firstStatuses(input: {
  identity: PersonIdentity;
  on: string;
  joinedOn: string | null;
  convertedOn: string | null;
}): Array<{ identity: PersonIdentity; validFrom: string; validTo: string | null }> {
  const { identity, on, joinedOn, convertedOn } = input;
  if (identity === "probationary_member") return [{ identity, validFrom: joinedOn ?? on, validTo: null }];
  if (identity !== "full_member") return [{ identity, validFrom: on, validTo: null }];
  if (joinedOn && convertedOn && joinedOn < convertedOn)
    return [
      { identity: "probationary_member", validFrom: joinedOn, validTo: convertedOn },
      { identity, validFrom: convertedOn, validTo: null },
    ];
  return [{ identity, validFrom: convertedOn ?? joinedOn ?? on, validTo: null }];
}

/** What is wrong with the dates of somebody who is entered now, by field. Sources: 党章 art. 1, 7; 发展党员工作细则 art. 4. */
export function dateProblems(input: {
  identity: PersonIdentity;
  birth: string;
  today: string;
  from: string;
  joinedOn: string | null;
  convertedOn: string | null;
}): Record<string, string> {
  const { identity, birth, today, from, joinedOn, convertedOn } = input;
  const problems: Record<string, string> = {};
  const isMember = memberIdentities.includes(identity);
  if (from > today) problems.from = "日期不能晚于今天";
  if (isMember && !joinedOn) problems.joinedOn = "请填写入党时间";
  if (identity === "full_member" && !convertedOn) problems.convertedOn = "请填写转正时间";
  if (joinedOn && joinedOn > today) problems.joinedOn = "入党时间不能晚于今天";
  if (convertedOn && convertedOn > today) problems.convertedOn = "转正时间不能晚于今天";
  if (joinedOn && convertedOn && convertedOn < joinedOn) problems.convertedOn = "转正时间不能早于入党时间";
  const began = isMember ? joinedOn : from;
  if (identity !== "masses" && began && !isAdult(birth, began))
    problems[isMember ? "joinedOn" : "from"] = "当时未满18周岁，请核对日期（《中国共产党章程》第一条）";
  return problems;
}
