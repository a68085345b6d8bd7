import { hashPassword, initialRoles, type RoleCode } from "@xianfeng/auth";
import type { Ledger } from "./ledger.ts";

/** Writes roles and accounts of one tenant into its ledger. One password hash serves all accounts of a scenario. */
export class AccountBook {
  readonly #ledger: Ledger;
  readonly #hash: string;
  readonly #roles = new Map<RoleCode, string>();

  private constructor(ledger: Ledger, hash: string) {
    this.#ledger = ledger;
    this.#hash = hash;
    for (const [code, role] of Object.entries(initialRoles) as [RoleCode, (typeof initialRoles)[RoleCode]][]) {
      const id = ledger.random.uuid();
      this.#roles.set(code, id);
      ledger.add("role", { id, code, title: role.title });
      for (const permission of role.grants) ledger.add("role_permission", { role_id: id, permission });
    }
  }

  static async open(ledger: Ledger, password: string): Promise<AccountBook> {
    return new AccountBook(ledger, await hashPassword(password));
  }

  /** An account with its roles. @returns the principal's id */
  account(account: {
    username: string;
    displayName: string;
    personId?: string;
    mustChangePassword?: boolean;
    roles: { role: RoleCode; orgId: number; below?: boolean }[];
  }): string {
    const userId = this.#ledger.random.uuid();
    const principalId = this.#ledger.random.uuid();
    this.#ledger.add("auth_user", {
      id: userId,
      name: account.displayName,
      email: `${userId}@users.invalid`,
      email_verified: true,
      username: account.username,
      display_username: account.username,
    });
    this.#ledger.add("auth_account", {
      id: this.#ledger.random.uuid(),
      account_id: userId,
      provider_id: "credential",
      user_id: userId,
      password: this.#hash,
    });
    this.#ledger.add("principal", {
      id: principalId,
      user_id: userId,
      person_id: account.personId ?? null,
      kind: "person",
      display_name: account.displayName,
      must_change_password: account.mustChangePassword ?? false,
    });
    for (const { role, orgId, below } of account.roles) {
      const roleId = this.#roles.get(role);
      if (!roleId) throw new Error(`no role ${role}`);
      this.#ledger.add("role_assignment", {
        id: this.#ledger.random.uuid(),
        principal_id: principalId,
        role_id: roleId,
        org_id: orgId,
        below: below ?? false,
        valid_from: "2020-01-01",
        valid_to: null,
      });
    }
    return principalId;
  }
}
