export { keepSealing, sealAllAudits, sealAudit } from "./audit-seal.ts";
export { type Anchor, type AuditReport, verifyAudit } from "./audit-verify.ts";
export { createDb, type Db, inTenant, type Tx } from "./client.ts";
export { applyReceipts, type ErasedCounts, erasePerson, type Receipt, readReceipts } from "./erase.ts";
export { Prisma } from "./generated/client.ts";
export type * from "./generated/models.ts";
export { blindIndex, decrypt, encrypt, maskIdNumber, maskPhone, type PersonalKeys } from "./personal.ts";
