import { cubeRoots, type Permission, type Scope } from "@xianfeng/auth";
import { SignJWT } from "jose";

/** A token acts for one permission and for less than a minute, so a revoked right acts in time. */
const lifetimeSeconds = 60;

/** Signs what one permission of the caller reaches. Minted on the server for each request; a browser never sees one. */
export async function mintCubeToken(scope: Scope, permission: Permission, secret: string): Promise<string> {
  return new SignJWT({
    tenantId: scope.tenantId,
    treeVersion: scope.treeVersion,
    permissions: [permission],
    roots: cubeRoots(scope, permission),
    personId: scope.personId,
    scope: ["data"],
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime(`${lifetimeSeconds}s`)
    .sign(new TextEncoder().encode(secret));
}
