import { hash, verify } from "@node-rs/argon2";

/** argon2id with the parameters OWASP recommends; about 30 ms. */
export const hashPassword = (password: string): Promise<string> =>
  hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

export const verifyPassword = (stored: string, password: string): Promise<boolean> => verify(stored, password);

/** Longest password that is hashed at all; longer ones are refused before any work. */
export const longestPassword = 256;
const shortestPassword = 12;

const common = [
  "password",
  "12345678",
  "qwerty",
  "admin",
  "iloveyou",
  "dangjian",
  "xianfeng",
  "11111111",
  "88888888",
  "abcd1234",
  "1qaz2wsx",
];

/** Why a new password cannot be taken, in words for the person; null when it can. Length counts by code point (IA04, IA05). */
export function passwordProblem(password: string, username: string): string | null {
  const length = [...password].length;
  if (length < shortestPassword) return `密码至少${shortestPassword}个字符，可以用一句话`;
  if (length > longestPassword) return `密码不能超过${longestPassword}个字符`;
  const plain = password.toLowerCase();
  if (username && plain.includes(username.toLowerCase())) return "密码里不能有账号名";
  if (new Set(plain).size < 5) return "密码里不同的字符太少，容易被猜中";
  // A short word written twice is as easy to guess as the word.
  const repeated = /^(.+?)\1+$/u.exec(plain)?.[1];
  if (repeated !== undefined && [...repeated].length < shortestPassword) return "密码是同一段重复几次，容易被猜中";
  const rest = common.reduce((text, word) => text.replaceAll(word, ""), plain);
  if (rest.length < 6) return "这个密码在常用密码表里，请换一个";
  return null;
}
