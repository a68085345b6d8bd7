import { digestRows, digestSeal, rowsBetween } from "./audit-seal.ts";
import type { Db } from "./client.ts";
import { expectedDigests } from "./erase.ts";

/** Sealing runs every few minutes; events older than this without a seal mean that it does not run, or that seals were taken away. */
const overdueMs = 60 * 60_000;
const lowestId = "00000000-0000-0000-0000-000000000000";

/** A seal as it was written down elsewhere: the only way to notice that a whole chain was made anew. */
export type Anchor = { tenantId: number; no: number; digest: string };

/** `problem` is null when everything fits; otherwise it names the first broken seal and what is wrong with it. */
export type AuditReport = {
  tenantId: number;
  seals: number;
  rows: number;
  /** Events that wait for the next seal. */
  waiting: number;
  newest: { no: number; digest: string; sealedAt: Date } | null;
  problem: { no: number; text: string } | null;
};

/**
 * Computes every seal of every tenant anew from the rows that are there now. Reads only.
 * @param db connection of the owner, who sees all tenants
 */
export async function verifyAudit(db: Db, options: { now?: Date; anchors?: Anchor[] } = {}): Promise<AuditReport[]> {
  const tenants = await db.tenant.findMany({ select: { id: true }, orderBy: { id: "asc" } });
  const reports: AuditReport[] = [];
  for (const { id } of tenants)
    reports.push(await verifyTenant(db, id, options.now ?? new Date(), options.anchors ?? []));
  return reports;
}

async function verifyTenant(db: Db, tenantId: number, now: Date, anchors: readonly Anchor[]): Promise<AuditReport> {
  const seals = await db.auditSeal.findMany({ where: { tenantId }, orderBy: { no: "asc" } });
  const report: AuditReport = { tenantId, seals: seals.length, rows: 0, waiting: 0, newest: null, problem: null };
  const redacted = await expectedDigests(db, tenantId);
  let [previous, after] = ["0".repeat(64), lowestId];
  for (const [at, seal] of seals.entries()) {
    const no = at + 1;
    if (seal.no !== no) return { ...report, problem: { no, text: `第${no}号封条不见了 (seal removed)` } };
    if (seal.previous !== previous)
      return { ...report, problem: { no, text: "不接着前一号封条 (does not follow the seal before)" } };
    if (digestSeal(seal) !== seal.digest) return { ...report, problem: { no, text: "封条本身被改过 (seal changed)" } };
    const rows = await rowsBetween(db, tenantId, { after, through: seal.throughId });
    report.rows += rows.length;
    const text = rowsProblem(rows.length, seal.rowCount, digestRows(rows) === (redacted.get(no) ?? seal.rowsDigest));
    if (text) return { ...report, problem: { no, text } };
    const anchor = anchors.find((one) => one.tenantId === tenantId && one.no === no);
    if (anchor && anchor.digest !== seal.digest)
      return { ...report, problem: { no, text: "和另存的封条不一致 (differs from the seal kept elsewhere)" } };
    [previous, after] = [seal.digest, seal.throughId];
    report.newest = { no, digest: seal.digest, sealedAt: seal.sealedAt };
  }
  const missing = anchors.find((one) => one.tenantId === tenantId && one.no > seals.length);
  if (missing) return { ...report, problem: { no: missing.no, text: `第${missing.no}号封条不见了 (seal removed)` } };
  report.waiting = await db.auditEvent.count({ where: { tenantId, id: { gt: after } } });
  const [first] = await rowsBetween(db, tenantId, { after }, 1);
  if (first && now.getTime() - timeOf(first.id) > overdueMs)
    report.problem = {
      no: seals.length + 1,
      text: "早该封存的记录没有封条：封存没有运行，或末尾的封条被取走 (overdue: sealing does not run, or the last seals were removed)",
    };
  return report;
}

function rowsProblem(found: number, sealed: number, same: boolean): string | null {
  if (found < sealed) return `少了${sealed - found}条记录 (rows removed)`;
  if (found > sealed) return `多了${found - sealed}条记录 (rows added)`;
  return same ? null : "有记录被改过 (a row was changed)";
}

/** When an id was made: its first 48 bits. */
const timeOf = (id: string): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
