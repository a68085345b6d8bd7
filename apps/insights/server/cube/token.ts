import { cubeRoots, type Permission, type Scope } from "@xianfeng/auth";
import { signCubeToken } from "@xianfeng/cube/token";

/** Signs what one permission of the caller reaches. Minted on the server for each request, for less than a minute; a browser never sees one. */
export const mintCubeToken = async (scope: Scope, permission: Permission, secret: string, now: Date): Promise<string> =>
  signCubeToken(
    {
      tenantId: scope.tenantId,
      treeVersion: scope.treeVersion,
      permissions: [permission],
      roots: cubeRoots(scope, permission),
      ...(scope.personId ? { personId: scope.personId } : {}),
      scope: ["data"],
    },
    secret,
    now,
  );
