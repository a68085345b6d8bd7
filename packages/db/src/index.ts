export { createDb, type Db, inTenant, type Tx } from "./client.ts";
export { Prisma } from "./generated/client.ts";
export type * from "./generated/models.ts";
export { blindIndex, decrypt, encrypt, maskIdNumber, maskPhone, type PersonalKeys } from "./personal.ts";
