import { PrismaPg } from "@prisma/adapter-pg";
import { type Prisma, PrismaClient } from "./generated/client.ts";

export type Db = PrismaClient;
/** A transaction that knows its tenant: what services work with. */
export type Tx = Prisma.TransactionClient;

/** The one client of a process. `url` is the connection of the role `xf_app`, to which row security applies. */
export const createDb = (url: string): Db =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 10 }) });

/**
 * Runs `work` in one transaction of one tenant. Row security refuses every statement outside such a transaction.
 * A write that loses a race (serialisation, dead lock) is tried again by the caller, never here.
 */
export function inTenant<Result>(db: Db, tenantId: number, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return db.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT set_config('app.tenant_id', ${String(tenantId)}, true)`;
      return work(tx);
    },
    { maxWait: 10_000, timeout: 60_000 },
  );
}
