import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { First } from "../../server/pages/define.ts";
import type { QueryData, QueryName, QueryParams } from "../../server/query/index.ts";
import { hasMoved, lateAfterMs } from "./freshness.ts";
import { useAnnounced } from "./live.tsx";
import type { Trouble } from "./load.ts";

/** A named query that was not answered, in the words of the server. */
export class NotAnswered extends Error {
  override name = "NotAnswered";
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

/** Address of a named query, as JSON for the page or as a file for the reader. */
export function queryAddress(
  name: QueryName,
  params: Record<string, string>,
  extra: Record<string, string> = {},
): string {
  return `/insights/q/${name}?${new URLSearchParams({ ...params, ...extra })}`;
}

async function ask<Name extends QueryName>(
  name: Name,
  params: QueryParams<Name>,
  after: string | null,
): Promise<QueryData<Name>> {
  const response = await fetch(queryAddress(name, params, after ? { after } : {})).catch(() => null);
  if (!response) throw new NotAnswered({ kind: "away", message: "" });
  if (response.status === 401)
    window.location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as QueryData<Name>;
  const { kind, message } = (body ?? {}) as Partial<Trouble>;
  throw new NotAnswered({ kind: kind ?? "unexpected", message: message ?? "" });
}

export type Named<Name extends QueryName> = {
  answer: QueryData<Name> | null;
  trouble: Trouble | null;
  pending: boolean;
  again(): void;
};

/**
 * A named query: begins with what the server sent with the page, and is asked again only when the stream announces newer rows.
 * What was last known stays when an answer fails.
 */
export function useNamed<Name extends QueryName>(
  { name, params, answer: sent }: First<Name>,
  live = true,
): Named<Name> {
  const client = useQueryClient();
  const announced = useAnnounced();
  const after = useRef<string | null>(null);
  const key = [name, params] as const;
  const query = useQuery({
    queryKey: key,
    queryFn: () => ask(name, params, after.current),
    initialData: sent ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

  // A page that was loaded anew brings its own answer; the cache of the last visit must not hide it.
  useEffect(() => {
    if (sent) client.setQueryData(key, sent);
  }, [sent, client]);

  const shown = query.data?.asOf ?? null;
  const { refetch, isFetching } = query;
  const behind = live && hasMoved(shown, announced === null ? null : { asOf: announced, age: 0, at: 0 });
  const askedFor = useRef<string | null>(null);
  useEffect(() => {
    if (!behind || isFetching) return;
    // The server waits for anything newer than what is shown: while changes come without end, the newest announced is always one round away.
    after.current = shown === null ? announced : new Date(Date.parse(shown) + 1).toISOString();
    // When nothing came within its patience, it is asked again, but not at once.
    const wish = `${shown} ${announced}`;
    const isFirst = askedFor.current !== wish;
    askedFor.current = wish;
    if (isFirst) void refetch({ cancelRefetch: false });
    else {
      const timer = setTimeout(() => void refetch({ cancelRefetch: false }), lateAfterMs);
      return () => clearTimeout(timer);
    }
  }, [behind, shown, announced, isFetching, refetch]);

  const { error } = query;
  const trouble =
    error instanceof NotAnswered ? error.trouble : error ? ({ kind: "unexpected", message: "" } as const) : null;
  return { answer: query.data ?? null, trouble, pending: query.isFetching, again: () => void refetch() };
}
