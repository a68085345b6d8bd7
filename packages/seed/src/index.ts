export { type College, type CollegeDirt, seedCollege } from "./college.ts";
export { type DemoAccount, seedDemo, seedEmpty } from "./scenarios.ts";
