export { type AuditEntry, audit } from "./audit.ts";
export * as calendar from "./calendar.ts";
export { erasedName, nameOrErased } from "./erased.ts";
export { DomainError, type ErrorKind, invalid, notFound } from "./error.ts";
export * as input from "./input.ts";
export { type Limit, limitedCalls, limits, takeTurn } from "./limits.ts";
export { listPage, type Page, totalCap } from "./list.ts";
export { type Machine, offered, type Transition, transition } from "./machine.ts";
export type {
  LetterGroup,
  MartsAnswer,
  Operation,
  PartLook,
  Platform,
  PlatformLook,
  StreamAnswer,
} from "./platform.ts";
export type { RunResult, RunRows, RunValue, SealReader } from "./seal-reader.ts";
export { changeFrom, correctRow, endOn, holdsOn, type Rewrite, type Span } from "./timeline.ts";
export { type Context, createCallerFactory, procedure, type RequestContext, router } from "./trpc.ts";
