export { evaluationRouter } from "./evaluation.router.ts";
export { covers, digestOf, periodTitle } from "./evaluation.rules.ts";
