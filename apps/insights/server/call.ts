import { randomUUID } from "node:crypto";
import { holds, type Permission, permissions, readScope, type Scope } from "@xianfeng/auth";
import { inTenant } from "@xianfeng/db";
import { type Identity, readIdentity, takeTurn } from "@xianfeng/trpc";
import { dayAt } from "@xianfeng/trpc/calendar";
import type { z } from "zod";
import { type ActionName, actions } from "./actions.ts";
import { answerQuery } from "./answer.ts";
import { mintCubeToken } from "./cube/token.ts";
import { createDomain, type Domain, told } from "./domain.ts";
import { errorPlace } from "./log.ts";
import type { PageTools } from "./pages/define.ts";
import { startPage } from "./pages/home.ts";
import { type PageData, type PageName, pages } from "./pages/index.ts";
import type { Answer, Named, QueryTools } from "./query/define.ts";
import { type QueryData, type QueryName, type QueryParams, queries } from "./query/index.ts";
import { forbidden, notFound, Refusal } from "./refusal.ts";
import type { Services } from "./services.ts";
import { takeAway } from "./take-away.ts";

/** One request of one signed-in person: the only door to pages, named queries and actions, each behind its one permission. */
export type Call = {
  scope: Scope;
  requestId: string;
  /** Four letters that a reader can tell the administrator. */
  code: string;
  identity(): Promise<Identity | null>;
  /** Where this reader begins; null when he may open nothing here. */
  start(): string | null;
  page<Name extends PageName>(
    name: Name,
    request: Request,
    params: Record<string, string | undefined>,
  ): Promise<PageData<Name>>;
  query<Name extends QueryName>(name: Name, params: QueryParams<Name>): Promise<QueryData<Name>>;
  /** A query by the name in an address, with its parameters as text. */
  queryByText(name: string, search: URLSearchParams): Promise<Answer<unknown>>;
  /** Records that names leave in a file. @returns the line that the file carries about it */
  takeAway(named: Named, asOf: string | null): Promise<string>;
  /** The same as a response, JSON or CSV. */
  answer(name: string, request: Request): Promise<Response>;
  act(form: FormData): Promise<{ next: string | null }>;
};

/** @returns null without a session that still holds */
export async function openCall(services: Services, headers: Headers, address?: string): Promise<Call | null> {
  const now = services.now();
  const today = dayAt(now);
  const scope = await readScope(services, { headers, today });
  return scope && createCall(services, scope, now, address);
}

export function createCall(services: Services, scope: Scope, now: Date, address?: string): Call {
  const requestId = randomUUID();
  const domain = createDomain({
    db: services.db,
    scope,
    now,
    requestId,
    sealReader: services.seal,
    // The analytics side decrypts nothing: it holds none of the keys of personal fields, nor that of the sign-in code.
    keys: { dataKey: "", blindIndexKey: "" },
    signInCodeKey: "",
  });
  const may = (permission: Permission) => {
    if (scope.mustChangePassword || !holds(scope, permission)) throw forbidden(permissions[permission].title);
  };
  const ask = async <Name extends QueryName>(name: Name, given: QueryParams<Name>): Promise<QueryData<Name>> => {
    const query = queries[name];
    may(query.permission);
    const params = parsed(query.params, given);
    const tools = toolsFor(services, scope, domain, query.permission);
    // The registry ties each name to its own parameters and data; the compiler cannot see that through the union.
    const run = query.run as (tools: QueryTools, params: unknown) => Promise<QueryData<Name>>;
    return logged(services, call, name, () => run(tools, params));
  };
  const call: Call = {
    scope,
    requestId,
    code: requestId.slice(0, 4).toUpperCase(),
    identity: () => inTenant(services.db, scope.tenantId, (tx) => readIdentity(tx, scope)),
    start: () => startPage(scope),
    query: ask,
    async page(name, request, params) {
      const page: { permission: Permission; load(tools: PageTools): Promise<unknown> } = pages[name];
      may(page.permission);
      const search = new URL(request.url).searchParams;
      const work = () => page.load({ call, domain, search, params, today: scope.today });
      return (await logged(services, call, name, work)) as PageData<typeof name>;
    },
    async queryByText(name, search) {
      if (!isQueryName(name)) throw notFound();
      return ask(name, single(search) as QueryParams<typeof name>);
    },
    takeAway: (named, asOf) => takeAway(services.db, scope, requestId, named, asOf, now),
    async answer(name, request) {
      const search = new URL(request.url).searchParams;
      if (search.get("format") === "csv")
        await told(takeTurn(services.db, "export", { account: scope.principalId, address }, now));
      return answerQuery(call, services.marts, name, search, request.signal);
    },
    async act(form) {
      const name = form.get("act");
      if (typeof name !== "string" || !isActionName(name)) throw notFound();
      const action = actions[name];
      may(action.permission);
      const input = parsed(action.form, Object.fromEntries([...form].filter(([key]) => key !== "act")));
      return logged(services, call, name, () =>
        (action.run as (domain: Domain, input: unknown) => Promise<{ next: string | null }>)(domain, input),
      );
    },
  };
  return call;
}

const isQueryName = (name: string): name is QueryName => Object.hasOwn(queries, name);
const isActionName = (name: string): name is ActionName => Object.hasOwn(actions, name);

function toolsFor(services: Services, scope: Scope, domain: Domain, permission: Permission): QueryTools {
  return {
    scope,
    domain,
    today: scope.today,
    cube: async (query, row) =>
      services.cube.load(await mintCubeToken(scope, permission, services.cubeSecret, services.now()), query, row),
  };
}

/** Parameters of an address, each once: of two, one would be checked and the other used (IA47). */
function single(search: URLSearchParams): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of search) {
    if (Object.hasOwn(given, name)) throw new Refusal("invalid", "地址里有重复的条件，请从页面重新进入");
    given[name] = value;
  }
  return given;
}

function parsed(schema: z.ZodType, given: unknown): unknown {
  const answer = schema.safeParse(given);
  if (!answer.success)
    throw new Refusal("invalid", answer.error.issues[0]?.message ?? "地址里的条件不对，请从页面重新进入");
  return answer.data;
}

/** A refusal passes; a fault is logged by kind and place under the request's number and answered with that number only. */
async function logged<Result>(
  services: Services,
  call: Call,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) {
      if (error.kind === "away")
        services.log("warn", "analytics-away", { requestId: call.requestId, what, ...errorPlace(error.cause) });
      throw error;
    }
    services.log("error", "failed", { requestId: call.requestId, what, ...errorPlace(error) });
    throw new Refusal("unexpected", `没有取到数据。请重试；仍不行请把编号 ${call.code} 告诉管理员`, { cause: error });
  }
}
