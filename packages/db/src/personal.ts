import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Keys of the personal fields; both come from the environment of the process. */
export type PersonalKeys = { dataKey: string; blindIndexKey: string };

const derive = (secret: string, purpose: string) => Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));

/** AES-256-GCM; the answer is nonce (12) + tag (16) + ciphertext. */
export function encrypt(keys: Pick<PersonalKeys, "dataKey">, plain: string): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derive(keys.dataKey, "personal-field"), nonce);
  const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Uint8Array.from(Buffer.concat([nonce, cipher.getAuthTag(), text]));
}

/** @throws Error when the bytes were not made with this key or were changed. */
export function decrypt(keys: Pick<PersonalKeys, "dataKey">, bytes: Uint8Array): string {
  const decipher = createDecipheriv("aes-256-gcm", derive(keys.dataKey, "personal-field"), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
}

/** Keyed hash by which a number is found and kept unique without being readable. */
export const blindIndex = (keys: PersonalKeys, value: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHmac("sha256", derive(keys.blindIndexKey, "blind-index")).update(value).digest());

/** `990000********0123`: the first six and the last four characters of an ID number. */
export const maskIdNumber = (id: string): string => `${id.slice(0, 6)}********${id.slice(-4)}`;

/** `138****8000` */
export const maskPhone = (phone: string): string => `${phone.slice(0, 3)}****${phone.slice(-4)}`;
