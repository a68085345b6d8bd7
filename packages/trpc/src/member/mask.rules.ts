import { normaliseIdNumber } from "./id-number.rules.ts";
import { parseMail, parsePhone } from "./person.rules.ts";

const hidden = "****";

/** `110105********002X`; what is not an ID number by its length shows nothing at all. */
export function maskId(text: string): string {
  const id = normaliseIdNumber(text);
  if (id === "") return "";
  if (id.length === 18) return `${id.slice(0, 6)}********${id.slice(-4)}`;
  if (id.length === 15) return `${id.slice(0, 6)}******${id.slice(-3)}`;
  return hidden;
}

/** `138****8000`; landlines and anything else show nothing. */
export function maskPhoneNumber(text: string): string {
  if (text.trim() === "") return "";
  const phone = parsePhone(text);
  return phone ? `${phone.slice(0, 3)}****${phone.slice(-4)}` : hidden;
}

/** `zh***@example.edu.cn`: of a short name only the first character; what is no address shows nothing. */
export function maskMail(text: string): string {
  if (text.trim() === "") return "";
  const mail = parseMail(text);
  if (!mail) return hidden;
  const at = mail.lastIndexOf("@");
  return `${mail.slice(0, at > 4 ? 2 : 1)}***${mail.slice(at)}`;
}

/** `张*` for public screens: the whole first character with its variation selector, then one star. A single character shows nothing. */
export function maskName(name: string): string {
  const characters = [...new Intl.Segmenter("zh", { granularity: "grapheme" }).segment(name.trim())].map(
    (part) => part.segment,
  );
  const [first] = characters;
  if (first === undefined) return "";
  return characters.length === 1 ? "*" : `${first}*`;
}
