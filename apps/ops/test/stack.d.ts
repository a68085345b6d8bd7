/**
 * Next makes NODE_ENV a required variable of every process in this program, which the supervisor's own sources do not expect. Its test
 * server is used here by the two functions below only.
 */
declare module "@xianfeng/stack/testing" {
  export type TestDatabase = { owner: string; app: string; drop(): Promise<void> };
  export function createTestDatabase(): Promise<TestDatabase>;
}
