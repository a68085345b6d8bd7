export { type College, type CollegeDirt, seedCollege } from "./college.ts";
export { type ScaleOptions, type ScaleProgress, type ScaleResult, scaleTables, seedScale } from "./scale.ts";
export { type DemoAccount, seedDemo, seedEmpty } from "./scenarios.ts";
