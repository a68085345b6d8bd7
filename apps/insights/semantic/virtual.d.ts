declare module "virtual:semantic-layer" {
  /** By `view.member`: those that figures are read from. */
  export const meanings: Record<string, import("./model.ts").Meaning>;
}
