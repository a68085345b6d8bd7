import type { Permission } from "@xianfeng/auth";
import type { Call } from "../call.ts";
import type { Domain } from "../domain.ts";
import type { QueryData, QueryName, QueryParams } from "../query/index.ts";
import { Refusal } from "../refusal.ts";

export type PageTools = {
  call: Call;
  domain: Domain;
  search: URLSearchParams;
  params: Record<string, string | undefined>;
  today: string;
};

/** One page: the permission without which it is not there, and what it starts with. */
export type Page<Data> = { permission: Permission; load(tools: PageTools): Promise<Data> };

export const definePage = <Data>(page: Page<Data>): Page<Data> => page;

/** A named query's first answer for a page, or that the analytics side is away: the rest of the page still stands. */
export type First<Name extends QueryName> = { name: Name; params: QueryParams<Name>; answer: QueryData<Name> | null };

export async function first<Name extends QueryName>(
  call: Call,
  name: Name,
  params: QueryParams<Name>,
): Promise<First<Name>> {
  try {
    return { name, params, answer: await call.query(name, params) };
  } catch (error) {
    if (error instanceof Refusal && error.kind === "away") return { name, params, answer: null };
    throw error;
  }
}
