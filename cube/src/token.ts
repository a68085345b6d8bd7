import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** A role's place in the tree: `level` is the depth of `orgId`; without `below` only that organisation itself. */
const root = z.strictObject({
  level: z.number().int().min(0).max(9),
  orgId: z.number().int().positive(),
  below: z.boolean(),
});

const claims = z.object({
  tenantId: z.number().int().positive(),
  treeVersion: z.string().regex(/^\d+$/),
  permissions: z.array(z.string()).length(1),
  roots: z.array(root).max(200),
  personId: z.uuid().nullish(),
  scope: z.tuple([z.literal("data")]),
});

/** What a token says: for whom, at which state of the tree, for one permission, reaching which organisations. */
export type CubeClaims = z.output<typeof claims>;

/** Tokens live one minute, so that a right taken away acts in time. */
export const tokenSeconds = 60;

const key = (secret: string) => new TextEncoder().encode(secret);

/** Mints a token in the server of an app; the browser never sees one. */
export const signCubeToken = (payload: CubeClaims, secret: string, now: Date): Promise<string> => {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ ...claims.parse(payload) })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + tokenSeconds)
    .sign(key(secret));
};

/** @throws when the token is missing, forged, expired, longer-lived than allowed, or lacks a claim */
export async function readCubeToken(token: string, secret: string): Promise<CubeClaims> {
  const { payload } = await jwtVerify(token, key(secret), {
    algorithms: ["HS256"],
    requiredClaims: ["iat", "exp"],
    maxTokenAge: tokenSeconds,
    clockTolerance: 2,
  });
  if ((payload.exp ?? 0) - (payload.iat ?? 0) > tokenSeconds) throw new Error("the token lives too long");
  return claims.parse(payload);
}
