export { findOrg, loadOrg, type PlacedOrg } from "./org.load.ts";
export { mergeOrg } from "./org.merge.ts";
export { identityCounts } from "./org.read.ts";
export { orgRouter } from "./org.router.ts";
export { isBranch } from "./org.rules.ts";
export { createOrg, moveOrg, renameOrg } from "./org.write.ts";
