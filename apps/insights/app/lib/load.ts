import { callContext } from "@xianfeng/insights/context";
import { data, type RouterContextProvider, redirect } from "react-router";
import type { PageData, PageName } from "../../server/pages/index.ts";

/** Why a page or a part of it is not shown; drawn by ErrorState. */
export type Trouble = {
  kind: "forbidden" | "not_found" | "invalid" | "state" | "too_many" | "away" | "unexpected";
  message: string;
};

type Args = { request: Request; context: Readonly<RouterContextProvider>; params: Record<string, string | undefined> };

/** A refusal of the server as an answer with its status; other errors stay errors and are not shown to anybody. */
export async function answered<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const refusal = asRefusal(error);
    if (!refusal) throw error;
    throw data({ kind: refusal.kind, message: refusal.message } satisfies Trouble, { status: refusal.status });
  }
}

/** The bundle and the server are two programs: the class is known by its name. */
export function asRefusal(
  error: unknown,
): { kind: Trouble["kind"]; message: string; status: number; retryAfter: number | null } | null {
  if (!(error instanceof Error) || error.name !== "Refusal" || !("kind" in error) || !("status" in error)) return null;
  const retryAfter = "retryAfter" in error && typeof error.retryAfter === "number" ? error.retryAfter : null;
  return { kind: error.kind as Trouble["kind"], message: error.message, status: Number(error.status), retryAfter };
}

/** The loader of a page: everything is decided on the server side, behind the page's one permission. */
export const pageLoader =
  <Name extends PageName>(name: Name) =>
  ({ request, context, params }: Args): Promise<PageData<Name>> =>
    answered(() => context.get(callContext).page(name, request, params));

/** The action of a page: what was done leads on; what was refused is told beside the form. */
export async function pageAction({ request, context }: Args): Promise<Response | Trouble> {
  const call = context.get(callContext);
  try {
    const { next } = await call.act(await request.formData());
    return redirect(next ?? "/");
  } catch (error) {
    const refusal = asRefusal(error);
    if (!refusal) throw error;
    return { kind: refusal.kind, message: refusal.message };
  }
}
