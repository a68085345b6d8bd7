/** Why something asked for is not given. A page shows each kind as its own state; a data route answers its status. */
export type RefusalKind =
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "invalid"
  | "state"
  | "too_many"
  | "away"
  | "unexpected";

const statuses: Record<RefusalKind, number> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  invalid: 400,
  state: 409,
  too_many: 429,
  away: 503,
  unexpected: 500,
};

/** `message` is for the reader: what is wrong and what to do next. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly kind: RefusalKind;
  /** Seconds after which it may be asked again, where that is known. */
  readonly retryAfter: number | null;

  constructor(kind: RefusalKind, message: string, options?: ErrorOptions & { retryAfter?: number | undefined }) {
    super(message, options);
    this.kind = kind;
    this.retryAfter = options?.retryAfter ?? null;
  }

  get status(): number {
    return statuses[this.kind];
  }
}

/** The same answer for what is not there, what was retracted, and what the caller may not know of. */
export const notFound = () => new Refusal("not_found", "没有找到，可能已被删除或不在你的管理范围内");

export const forbidden = (permissionTitle: string) =>
  new Refusal("forbidden", `你没有“${permissionTitle}”的权限。如需要，请联系上级党组织管理员`);

export const away = (cause?: unknown) =>
  new Refusal("away", "分析数据暂时取不到，填报和审批照常。请稍后再试", cause === undefined ? undefined : { cause });
