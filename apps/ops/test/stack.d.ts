/**
 * Next makes NODE_ENV a required variable of every process in this program, which the supervisor's own sources do not expect: `paths`
 * in tsconfig.json lead here, to the part of its test server that is used.
 */
export type TestDatabase = { owner: string; app: string; drop(): Promise<void> };
export function createTestDatabase(): Promise<TestDatabase>;
