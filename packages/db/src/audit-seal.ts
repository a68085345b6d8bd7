import { createHash } from "node:crypto";
import { type Db, inTenant, type Tx } from "./client.ts";
import type { AuditEventModel, AuditSealModel } from "./generated/models.ts";

/** Most rows under one seal, and most seals made at once: a job that was away catches up in bounded steps. */
const rowsPerSeal = 5_000;
const sealsPerRun = 20;
/** A transaction of the apps ends within a minute; what is older than this has been committed or never will be. */
const settleMs = 120_000;
const noSeal = "0".repeat(64);
const lowestId = "00000000-0000-0000-0000-000000000000";

/** JSON with sorted keys, so that equal content always has equal bytes. Times are ISO texts with milliseconds. */
export function canonicalJson(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object")
    return `{${Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`)
      .join(",")}}`;
  return JSON.stringify(value);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Hash of rows in the order of their ids, every column included. */
export const digestRows = (rows: readonly AuditEventModel[]): string =>
  sha256(rows.map((row) => `${canonicalJson(row)}\n`).join(""));

type Sealed = Omit<AuditSealModel, "digest" | "createdAt" | "updatedAt">;

export const digestSeal = ({ tenantId, no, previous, firstId, throughId, rowCount, rowsDigest, sealedAt }: Sealed) =>
  sha256(canonicalJson({ tenantId, no, previous, firstId, throughId, rowCount, rowsDigest, sealedAt }));

/** The smallest id that an event of this millisecond can have: ids begin with the time (UUID version 7). */
const lowestIdAt = (ms: number): string => {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
};

/** Rows of one tenant in the order of their ids, after one and up to another. */
export const rowsBetween = (
  tx: Tx | Db,
  tenantId: number,
  { after, before, through }: { after: string; before?: string; through?: string },
  take?: number,
): Promise<AuditEventModel[]> =>
  tx.auditEvent.findMany({
    where: {
      tenantId,
      id: { gt: after, ...(before ? { lt: before } : {}), ...(through ? { lte: through } : {}) },
    },
    orderBy: { id: "asc" },
    ...(take ? { take } : {}),
  });

/** Up to when every event is visible: ids are made before the commit, so one that is still open may come in behind. */
async function settledUntil(tx: Tx, settle: number): Promise<number> {
  const [row] = await tx.$queryRaw<{ until: number }[]>`
    SELECT (extract(epoch FROM least(
      clock_timestamp() - ${settle} * interval '1 millisecond',
      (SELECT min(xact_start) FROM pg_stat_activity
       WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()))) * 1000)::float8 AS until`;
  return row?.until ?? 0;
}

/** One seal over the oldest rows that have none. Nobody else seals the same tenant meanwhile. */
async function sealOnce(db: Db, tenantId: number, settle: number): Promise<number> {
  return inTenant(db, tenantId, async (tx) => {
    const [lock] = await tx.$queryRaw<{ mine: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtext('audit_seal'), ${tenantId}::int) AS mine`;
    if (!lock?.mine) return 0;
    const last = await tx.auditSeal.findFirst({ where: { tenantId }, orderBy: { no: "desc" } });
    const before = lowestIdAt(await settledUntil(tx, settle));
    const rows = await rowsBetween(tx, tenantId, { after: last?.throughId ?? lowestId, before }, rowsPerSeal);
    const [first, final] = [rows[0], rows.at(-1)];
    if (!first || !final) return 0;
    const seal: Sealed = {
      tenantId,
      no: (last?.no ?? 0) + 1,
      previous: last?.digest ?? noSeal,
      firstId: first.id,
      throughId: final.id,
      rowCount: rows.length,
      rowsDigest: digestRows(rows),
      sealedAt: new Date(),
    };
    await tx.auditSeal.create({ data: { ...seal, digest: digestSeal(seal) } });
    return rows.length;
  });
}

/**
 * Seals what has settled of a tenant's trail, as the role of the apps. Several processes may run it at once.
 * @param options.settleMs age in milliseconds from which events are sealed
 * @returns how many rows were sealed now
 */
export async function sealAudit(db: Db, tenantId: number, options: { settleMs?: number } = {}): Promise<number> {
  let total = 0;
  for (let round = 0; round < sealsPerRun; round++) {
    const sealed = await sealOnce(db, tenantId, options.settleMs ?? settleMs);
    total += sealed;
    if (sealed < rowsPerSeal) break;
  }
  return total;
}

/** Seals every tenant that has accounts. A tenant that fails does not keep the others waiting. @returns rows sealed, and what failed */
export async function sealAllAudits(db: Db): Promise<{ rows: number; failures: unknown[] }> {
  const tenants = await db.authUser.findMany({ distinct: ["tenantId"], select: { tenantId: true } });
  const failures: unknown[] = [];
  let rows = 0;
  for (const { tenantId } of tenants)
    await sealAudit(db, tenantId).then(
      (sealed) => {
        rows += sealed;
      },
      (error: unknown) => void failures.push(error),
    );
  return { rows, failures };
}

const sealEveryMs = 5 * 60_000;

/** Seals every five minutes for as long as the process lives. @returns what stops it */
export function keepSealing(db: Db, onFailure: (error: unknown) => void): () => void {
  const seal = () =>
    sealAllAudits(db).then(
      ({ failures }) => failures.forEach(onFailure),
      (error: unknown) => onFailure(error),
    );
  const timer = setInterval(() => void seal(), sealEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
