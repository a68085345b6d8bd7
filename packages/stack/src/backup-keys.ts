import { createCipheriv, createDecipheriv, createHmac, randomBytes, scryptSync } from "node:crypto";
import { z } from "zod";

/** The keys without which encrypted columns cannot be read. Everything else in `secrets.json` can be made anew. */
export const dataKeyNames = ["DATA_KEY", "BLIND_INDEX_KEY"] as const;
export type DataKeys = Record<(typeof dataKeyNames)[number], string>;

const base64 = z.base64();
export const sealedKeys = z.strictObject({ salt: base64, nonce: base64, tag: base64, text: base64 });
export type SealedKeys = z.infer<typeof sealedKeys>;

const keysText = z.strictObject({ DATA_KEY: z.string().min(1), BLIND_INDEX_KEY: z.string().min(1) });
const shortest = 12;

/** Stretched so that guessing costs 128 MB and about half a second for each try. */
const derive = (passphrase: string, salt: Buffer) =>
  scryptSync(passphrase.normalize("NFC"), salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 ** 2 });

/**
 * Encrypts the keys (scrypt, AES-256-GCM).
 * @param bound must be the same when they are opened
 * @throws Error when the passphrase is too short
 */
export function sealKeys(keys: DataKeys, passphrase: string, bound: Buffer): SealedKeys {
  if ([...passphrase].length < shortest)
    throw new Error(`BACKUP_PASSPHRASE 至少需要 ${shortest} 个字符 (needs at least ${shortest} characters)`);
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derive(passphrase, salt), nonce).setAAD(bound);
  const plain = JSON.stringify({ DATA_KEY: keys.DATA_KEY, BLIND_INDEX_KEY: keys.BLIND_INDEX_KEY });
  const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return {
    salt: salt.toString("base64"),
    nonce: nonce.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    text: text.toString("base64"),
  };
}

/** @throws Error when the passphrase is another one, or the manifest was changed */
export function openKeys(sealed: SealedKeys, passphrase: string, bound: Buffer): DataKeys {
  const bytes = (text: string) => Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", derive(passphrase, bytes(sealed.salt)), bytes(sealed.nonce), {
    authTagLength: 16,
  });
  try {
    decipher.setAAD(bound).setAuthTag(bytes(sealed.tag));
    const plain = Buffer.concat([decipher.update(bytes(sealed.text)), decipher.final()]);
    return keysText.parse(JSON.parse(plain.toString("utf8")));
  } catch {
    throw new Error(
      "BACKUP_PASSPHRASE 不对，或备份的清单被改动，没有作任何更改 (wrong passphrase, or the manifest was changed)",
    );
  }
}

const checkOf = (key: string) => createHmac("sha256", key).update("xianfeng backup key check").digest("hex");

/** What an archive says about its keys even without holding them. */
export const keyChecks = (keys: DataKeys): DataKeys => ({
  DATA_KEY: checkOf(keys.DATA_KEY),
  BLIND_INDEX_KEY: checkOf(keys.BLIND_INDEX_KEY),
});

/** Names of those keys that the data were not encrypted with. */
export const otherKeys = (keys: DataKeys, checks: DataKeys): string[] =>
  dataKeyNames.filter((name) => checkOf(keys[name]) !== checks[name]);
