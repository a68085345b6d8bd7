import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type CubeClaims, readCubeToken, signCubeToken } from "../src/token.ts";
import { secret } from "./random.ts";

const claims: CubeClaims = {
  tenantId: 1,
  treeVersion: "7",
  permissions: ["meeting.read"],
  roots: [{ level: 1, orgId: 12, below: true }],
  scope: ["data"],
};
const key = (text: string) => new TextEncoder().encode(text);
const now = () => Math.floor(Date.now() / 1000);
const forge = (payload: object, { alg = "HS256", by = secret, iat = now(), seconds = 60 } = {}) =>
  new SignJWT({ ...payload })
    .setProtectedHeader({ alg })
    .setIssuedAt(iat)
    .setExpirationTime(iat + seconds)
    .sign(key(by));

describe("a token for Cube", () => {
  it("carries its claims", async () => {
    expect(await readCubeToken(await signCubeToken(claims, secret, new Date()), secret)).toEqual(claims);
  });

  it.each<[string, () => Promise<string>]>([
    ["nothing", async () => ""],
    ["another key", () => forge(claims, { by: `${secret}x` })],
    ["another algorithm", () => forge(claims, { alg: "HS512" })],
    ["expired", () => forge(claims, { iat: now() - 70 })],
    ["living too long", () => forge(claims, { seconds: 3_600 })],
    ["from the future", () => forge(claims, { iat: now() + 600 })],
    ["no tenant", () => forge({ ...claims, tenantId: undefined })],
    ["no version of the tree", () => forge({ ...claims, treeVersion: undefined })],
    ["no roots", () => forge({ ...claims, roots: undefined })],
    ["no permission", () => forge({ ...claims, permissions: undefined })],
    ["another scope", () => forge({ ...claims, scope: ["data", "sql"] })],
    ["a root without its level", () => forge({ ...claims, roots: [{ orgId: 12, below: true }] })],
    [
      "unsigned",
      async () => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
        return `${part({ alg: "none" })}.${part({ ...claims, iat: now(), exp: now() + 60 })}.`;
      },
    ],
  ])("is refused when it is %s", async (_name, make) => {
    await expect(readCubeToken(await make(), secret)).rejects.toThrow();
  });

  it("cannot be minted with a claim left out", async () => {
    const { treeVersion: _left, ...without } = claims;
    await expect(async () => signCubeToken(without as CubeClaims, secret, new Date())).rejects.toThrow();
  });
});
