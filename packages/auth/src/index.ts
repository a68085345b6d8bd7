export { type Accounts, createAccounts, normaliseUsername } from "./accounts.ts";
export { hashPassword, passwordProblem, verifyPassword } from "./password.ts";
export {
  initialRoles,
  isPermission,
  type Permission,
  permissions,
  type Relation,
  type RoleCode,
} from "./permissions.ts";
export {
  type Assignment,
  can,
  cubeRoots,
  holds,
  loadScope,
  type OrgPlace,
  orgWhere,
  type Scope,
  scopeWhere,
} from "./scope.ts";
export { changePassword, readScope, type SignInResult, signIn, signOut } from "./session.ts";
export { waitAfter } from "./wait.ts";
