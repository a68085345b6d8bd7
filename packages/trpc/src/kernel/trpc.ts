import { initTRPC } from "@trpc/server";
import { holds, type Permission, type Scope } from "@xianfeng/auth";
import { type Db, inTenant, type PersonalKeys, type Tx } from "@xianfeng/db";
import superjson from "superjson";
import { ZodError } from "zod";
import { DomainError } from "./error.ts";
import { isLimited, limitOf, takeTurn } from "./limits.ts";
import type { Platform } from "./platform.ts";
import type { SealReader } from "./seal-reader.ts";

/** What a request brings: who calls, when, and the keys that services need. Clock and scope come from the server alone. */
export type RequestContext = {
  db: Db;
  scope: Scope | null;
  now: Date;
  requestId: string;
  keys: PersonalKeys;
  signInCodeKey: string;
  /** Where the request comes from, as the front saw it; missing for calls from inside. */
  address?: string;
  /** Present in the analytics server only. */
  sealReader?: SealReader;
  /** Present in the operational app only. */
  platform?: Platform;
};

/** What a service works with: one transaction of one tenant, the caller's scope, the clock. */
export type Context = Omit<RequestContext, "scope" | "db"> & { scope: Scope; tx: Tx; db: Db };

type Meta = { permission: Permission };

const trpc = initTRPC
  .context<RequestContext>()
  .meta<Meta>()
  .create({
    transformer: superjson,
    errorFormatter({ shape, error }) {
      const domain = error instanceof DomainError ? error : error.cause instanceof DomainError ? error.cause : null;
      const zod = error.cause instanceof ZodError ? error.cause : null;
      const fields = zod
        ? Object.fromEntries(zod.issues.map((issue) => [issue.path.join("."), issue.message]))
        : domain?.detail.fields;
      const unexpected = !domain && !zod && error.code === "INTERNAL_SERVER_ERROR";
      return {
        code: shape.code,
        // An unexpected error's own words may hold data; the log has them under the request's number.
        message: unexpected
          ? "系统出了点问题，请稍后再试"
          : zod
            ? (zod.issues[0]?.message ?? "填写有误")
            : shape.message,
        data: {
          code: shape.data.code,
          httpStatus: shape.data.httpStatus,
          path: shape.data.path,
          kind: domain?.kind ?? (zod ? "invalid" : unexpected ? "unexpected" : null),
          en: domain?.en ?? null,
          fields: fields ?? null,
          clause: domain?.detail.clause ?? null,
          current: domain?.detail.current ?? null,
          retryAfter: domain?.detail.retryAfter ?? null,
        },
      };
    },
  });

export const router = trpc.router;
export const createCallerFactory = trpc.createCallerFactory;

const signedIn = trpc.middleware(({ ctx, next }) => {
  if (!ctx.scope)
    throw new DomainError("unauthenticated", "登录已过期，请重新登录，已填的内容会保留", "Please sign in again");
  return next({ ctx: { ...ctx, scope: ctx.scope } });
});

/**
 * A procedure that needs exactly this permission. It runs in one transaction of the caller's tenant: `ctx.tx`.
 * Holding the permission somewhere is checked here; whether it reaches the record asked for is the service's `can` or `scopeWhere`.
 */
export const procedure = (permission: Permission) =>
  trpc.procedure
    .meta({ permission })
    .use(signedIn)
    .use(({ ctx, next }) => {
      if (ctx.scope.mustChangePassword)
        throw new DomainError("forbidden", "请先修改初始密码", "Change the initial password first");
      if (!holds(ctx.scope, permission))
        throw new DomainError("forbidden", "你没有这项权限。如需要，请联系上级党组织管理员", "Not permitted");
      return next();
    })
    .use(async ({ ctx, path, getRawInput, next }) => {
      // Read only where it decides: a call without input may come without a body.
      const limit = isLimited(path) ? limitOf(path, await getRawInput()) : null;
      if (limit) await takeTurn(ctx.db, limit, { account: ctx.scope.principalId, address: ctx.address }, ctx.now);
      return next();
    })
    .use(async ({ ctx, next }) => {
      // A refusal must roll back, so it leaves the transaction as an exception and is handed on afterwards.
      return inTenant(ctx.db, ctx.scope.tenantId, async (tx) => {
        const result = await next({ ctx: { ...ctx, tx } });
        if (!result.ok) throw result.error;
        return result;
      });
    });
