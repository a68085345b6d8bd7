import { digestRows, rowsBetween } from "./audit-seal.ts";
import type { Db, Tx } from "./client.ts";
import { decrypt, type PersonalKeys } from "./personal.ts";

const lowestId = "00000000-0000-0000-0000-000000000000";

/** How many rows of each table were changed. */
export type ErasedCounts = Record<string, number>;

/**
 * Takes everything personal of the person of a decided erasure out of the database, in the transaction given; ids, dates and figures stay.
 * Repeating it changes nothing more. Sealed rows of the trail lose their words, too: what they hash to afterwards is written beside the seal.
 * @param tx a transaction that knows its tenant
 * @throws Error when nobody has decided on this erasure
 */
export async function erasePerson(
  tx: Tx,
  keys: Pick<PersonalKeys, "dataKey">,
  erasure: { id: string; tenantId: number; personId: string },
): Promise<ErasedCounts> {
  // Nobody seals this tenant's trail meanwhile: a seal of words that go would never fit again.
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtext('audit_seal'), ${erasure.tenantId}::int)::text`;
  const numbers = await numbersOf(tx, keys, erasure);
  const seals = await sealsTouched(tx, erasure, numbers);
  const before = await sealedDigests(tx, erasure.tenantId, seals);
  const [answer] = await tx.$queryRaw<{ counts: ErasedCounts }[]>`
    SELECT erase_person(${erasure.id}::uuid, ${numbers}::text[]) AS counts`;
  const after = await sealedDigests(tx, erasure.tenantId, seals);
  const changed = [...after].filter(([no, { actual }]) => actual !== before.get(no)?.actual);
  for (const [no, { actual }] of changed) {
    const was = before.get(no);
    // A seal that did not fit before must not begin to fit.
    if (!was || was.actual !== was.expected) continue;
    await tx.auditRedaction.create({
      data: { tenantId: erasure.tenantId, sealNo: no, erasureId: erasure.id, rowsDigest: actual },
    });
  }
  return answer?.counts ?? {};
}

/** Numbers and address of the person and of merged duplicates, which only the application can read. */
async function numbersOf(
  tx: Tx,
  keys: Pick<PersonalKeys, "dataKey">,
  { tenantId, personId }: { tenantId: number; personId: string },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ bytes: Uint8Array }[]>`
    WITH RECURSIVE same(id) AS (
      SELECT ${personId}::uuid UNION SELECT p.id FROM person p JOIN same s ON p.merged_into_id = s.id WHERE p.tenant_id = ${tenantId}
    )
    SELECT bytes FROM person_private JOIN same ON same.id = person_id
      CROSS JOIN LATERAL unnest(ARRAY[id_number_enc, phone_enc, mail_enc]) AS bytes
    WHERE tenant_id = ${tenantId} AND bytes IS NOT NULL`;
  return rows.map(({ bytes }) => decrypt(keys, bytes));
}

/** What a seal expects its rows to hash to: the newest redaction, else what it was made over. */
export async function expectedDigests(tx: Tx | Db, tenantId: number): Promise<Map<number, string>> {
  const redactions = await tx.auditRedaction.findMany({
    where: { tenantId, erasure: { state: "carried_out" } },
    orderBy: { createdAt: "asc" },
  });
  return new Map(redactions.map((row) => [row.sealNo, row.rowsDigest]));
}

/** Numbers of the seals over rows that may lose their words: more than do, never fewer. */
async function sealsTouched(
  tx: Tx,
  { tenantId, personId }: { tenantId: number; personId: string },
  numbers: readonly string[],
): Promise<number[]> {
  const rows = await tx.$queryRaw<{ no: number }[]>`
    WITH RECURSIVE same(id) AS (
      SELECT ${personId}::uuid UNION SELECT p.id FROM person p JOIN same s ON p.merged_into_id = s.id WHERE p.tenant_id = ${tenantId}
    ), words AS (
      SELECT unnest(${numbers}::text[]) AS word
      UNION SELECT unnest(ARRAY[name, student_no]) FROM person_private JOIN same ON same.id = person_id WHERE tenant_id = ${tenantId}
    ), touched AS (
      SELECT id FROM audit_event e WHERE tenant_id = ${tenantId} AND reason IS NOT NULL AND (
        (subject_kind = 'person' AND subject_id IN (SELECT id::text FROM same))
        OR EXISTS (SELECT FROM words WHERE position(word IN e.reason) > 0))
    )
    SELECT DISTINCT no FROM audit_seal JOIN touched ON touched.id BETWEEN first_id AND through_id WHERE tenant_id = ${tenantId}`;
  return rows.map(({ no }) => no);
}

/** What the rows of some seals should hash to and what they do. */
async function sealedDigests(
  tx: Tx,
  tenantId: number,
  numbers: readonly number[],
): Promise<Map<number, { expected: string; actual: string }>> {
  const redacted = await expectedDigests(tx, tenantId);
  const found = new Map<number, { expected: string; actual: string }>();
  for (const no of numbers) {
    const [before, seal] = await Promise.all([
      tx.auditSeal.findUnique({ where: { tenantId_no: { tenantId, no: no - 1 } } }),
      tx.auditSeal.findUniqueOrThrow({ where: { tenantId_no: { tenantId, no } } }),
    ]);
    const range = { after: before?.throughId ?? lowestId, through: seal.throughId };
    const actual = digestRows(await rowsBetween(tx, tenantId, range));
    found.set(no, { expected: redacted.get(no) ?? seal.rowsDigest, actual });
  }
  return found;
}

/** A receipt as it is kept outside of the database: ids, times and codes alone. */
export type Receipt = {
  id: string;
  tenantId: number;
  personId: string;
  orgId: number;
  reason: string;
  requestedBy: string;
  decidedBy: string;
  decidedAt: string;
};

/** All receipts of all tenants, as the owner sees them, oldest first. */
export async function readReceipts(owner: Db): Promise<Receipt[]> {
  const rows = await owner.erasure.findMany({ where: { state: "carried_out" }, orderBy: { decidedAt: "asc" } });
  return rows.flatMap(({ id, tenantId, personId, orgId, reason, requestedBy, decidedBy, decidedAt }) =>
    decidedBy && decidedAt
      ? [{ id, tenantId, personId, orgId, reason, requestedBy, decidedBy, decidedAt: decidedAt.toISOString() }]
      : [],
  );
}

/**
 * Erases again whoever has a receipt: after a backup from before the erasure was put back. Receipts that the database lacks are written first.
 * @param owner connection of the owner
 * @returns how many people had something that went now
 */
export async function applyReceipts(
  owner: Db,
  keys: Pick<PersonalKeys, "dataKey">,
  receipts: readonly Receipt[],
): Promise<number> {
  let again = 0;
  for (const { decidedAt, ...receipt } of receipts) {
    const tenant = await owner.tenant.findUnique({ where: { id: receipt.tenantId } });
    const org = tenant && (await owner.partyOrg.findFirst({ where: { id: receipt.orgId, tenantId: tenant.id } }));
    const anyOrg = org ?? (tenant && (await owner.partyOrg.findFirst({ where: { tenantId: tenant.id } })));
    // A backup from before the tenant existed holds nobody of it.
    if (!tenant || !anyOrg) continue;
    await owner.$transaction(
      async (tx) => {
        await tx.$executeRaw`SELECT set_config('app.tenant_id', ${String(tenant.id)}, true)`;
        const place = { tenantId: tenant.id, personId: receipt.personId };
        const known = await tx.erasure.findFirst({ where: { ...place, state: "carried_out" } });
        if (!known) {
          await tx.erasure.updateMany({ where: { ...place, state: "requested" }, data: { state: "withdrawn" } });
          await tx.erasure.deleteMany({ where: { id: receipt.id } });
          const data = { ...receipt, orgId: anyOrg.id, state: "carried_out", decidedAt: new Date(decidedAt) };
          await tx.erasure.create({ data });
        }
        const counts = await erasePerson(tx, keys, { ...place, id: known?.id ?? receipt.id });
        if (Object.values(counts).some((count) => count > 0)) again += 1;
      },
      { maxWait: 10_000, timeout: 600_000 },
    );
  }
  return again;
}
