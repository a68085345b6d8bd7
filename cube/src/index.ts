export { type ViewName, type ViewRule, views } from "./access.ts";
export { type CubeOptions, type RunningCube, startCube } from "./server.ts";
export { type CubeClaims, readCubeToken, signCubeToken, tokenSeconds } from "./token.ts";
