export { meRouter } from "./me.router.ts";
export { type Identity, readIdentity } from "./me.service.ts";
