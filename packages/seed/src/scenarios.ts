import { randomBytes } from "node:crypto";
import type { PersonalKeys } from "@xianfeng/db";
import { AccountBook } from "./accounts.ts";
import { buildDemo, type DemoAccount } from "./demo.ts";
import { Ledger } from "./ledger.ts";
import { asOwner, load, nextNumbers } from "./load.ts";
import { Random } from "./random.ts";

export type { DemoAccount } from "./demo.ts";
export type SeedResult = { rows: number; accounts: DemoAccount[]; password: string };
type Options = { keys: PersonalKeys; now: Date; seed?: number };

/** One college with three years of meetings and six half-years of values; the accounts share one password made now. */
export const seedDemo = (ownerUrl: string, options: Options): Promise<SeedResult> =>
  asOwner(ownerUrl, async (client) => {
    const demo = await buildDemo({
      ...(await nextNumbers(client)),
      keys: options.keys,
      now: options.now,
      seed: options.seed ?? 20_261_122,
    });
    return { rows: await load(client, demo.ledger), accounts: demo.accounts, password: demo.password };
  });

/** Only a committee and its first administrator, who must change the password at the first sign-in. */
export const seedEmpty = (ownerUrl: string, options: Options): Promise<SeedResult> =>
  asOwner(ownerUrl, async (client) => {
    const ledger = new Ledger({
      ...(await nextNumbers(client)),
      random: new Random(options.seed ?? randomBytes(4).readUInt32LE()),
      keys: options.keys,
    });
    const password = randomBytes(12).toString("base64url");
    ledger.tenant("main");
    const root = ledger.org({
      parentId: null,
      kind: "committee",
      code: "0001",
      shortName: "党委",
      fullName: "中共委员会（请修改名称）",
      openedOn: "2000-01-01",
    });
    const book = await AccountBook.open(ledger, password);
    book.account({
      username: "admin",
      displayName: "首位管理员",
      mustChangePassword: true,
      roles: [
        { role: "committee_admin", orgId: root, below: true },
        { role: "system_admin", orgId: root, below: true },
      ],
    });
    return {
      rows: await load(client, ledger),
      accounts: [{ username: "admin", name: "首位管理员", title: "学院党委组织员" }],
      password,
    };
  });
