import { TRPCError } from "@trpc/server";

const kinds = {
  unauthenticated: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  not_found: "NOT_FOUND",
  invalid: "BAD_REQUEST",
  conflict: "CONFLICT",
  state: "PRECONDITION_FAILED",
  too_many: "TOO_MANY_REQUESTS",
  unavailable: "SERVICE_UNAVAILABLE",
} as const;

export type ErrorKind = keyof typeof kinds;

/** What else a screen can use: messages for single fields, the clause behind a refusal, the state of affairs in a conflict, seconds to wait. */
export type ErrorDetail = { fields?: Record<string, string>; clause?: string; current?: unknown; retryAfter?: number };

/** The one error of the services: what is wrong and what to do next, in Chinese first. Becomes an HTTP status by its kind. */
export class DomainError extends TRPCError {
  readonly kind: ErrorKind;
  readonly en: string;
  readonly detail: ErrorDetail;

  constructor(kind: ErrorKind, zh: string, en: string, detail: ErrorDetail = {}) {
    super({ code: kinds[kind], message: zh });
    this.kind = kind;
    this.en = en;
    this.detail = detail;
  }
}

/** The same answer for a record that is not there and one that the caller may not know of. */
export const notFound = () =>
  new DomainError(
    "not_found",
    "没有找到，可能已被删除或不在你的管理范围内",
    "Not found, or outside your organisations",
  );

export const invalid = (zh: string, en: string, fields?: Record<string, string>) =>
  new DomainError("invalid", zh, en, fields ? { fields } : {});
