export { erasureRouter } from "./erasure.router.ts";
