export { workbenchRouter } from "./workbench.router.ts";
