"use client";

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, type TRPCClientError } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { AppRouter } from "@xianfeng/trpc";
import { type ReactNode, useState } from "react";
import superjson from "superjson";
import { sessionFetch } from "./session-fetch.ts";

const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>();

/** Procedures in client components: `useQuery(useTRPC().member.list.queryOptions({ page: 1 }))`. */
export { useTRPC };

export type CallError = TRPCClientError<AppRouter>;

/** Browser side of all calls. A call after the session's end waits for the sign-in dialog and is then sent again. */
export function CallProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        queryCache: new QueryCache(),
        mutationCache: new MutationCache(),
        defaultOptions: {
          queries: { staleTime: 5_000, retry: false, refetchOnWindowFocus: true },
          mutations: { retry: false },
          // What the server read ahead comes in the form that keeps dates.
          hydrate: { deserializeData: superjson.deserialize },
        },
      }),
  );
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        httpBatchLink({
          url: "/api/trpc",
          transformer: superjson,
          maxItems: 10,
          methodOverride: "POST",
          fetch: sessionFetch,
        }),
      ],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

/** The short number under which the log knows a failed call; empty when there was no answer at all. */
export function codeOf(error: unknown): string {
  const meta = error && typeof error === "object" && "meta" in error ? error.meta : null;
  const response = meta && typeof meta === "object" && "response" in meta ? meta.response : null;
  const id = response instanceof Response ? response.headers.get("x-request-id") : null;
  return id?.slice(0, 4).toUpperCase() ?? "";
}
