import "server-only";
import {
  dehydrate,
  type FetchQueryOptions,
  HydrationBoundary,
  QueryClient,
  type QueryKey,
} from "@tanstack/react-query";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { appRouter } from "@xianfeng/trpc";
import { cache, type ReactNode } from "react";
import superjson from "superjson";
import { pageContext } from "./server.ts";

const serverClient = cache(
  () =>
    new QueryClient({
      defaultOptions: {
        queries: { retry: false, staleTime: 5_000 },
        dehydrate: { serializeData: superjson.serialize },
        hydrate: { deserializeData: superjson.deserialize },
      },
    }),
);

/** Procedures for prefetching: the same names as in client components. */
export const serverTrpc = createTRPCOptionsProxy({ ctx: pageContext, router: appRouter, queryClient: serverClient });

/**
 * Reads data on the server so that the first HTML has them: `await prefetch(serverTrpc.org.tree.queryOptions({}))`, then wrap the
 * page in `Hydrated`. A failure stays with its part: the client asks again and shows the error there.
 */
export const prefetch = (options: { queryKey: QueryKey }): Promise<void> =>
  serverClient().prefetchQuery(options as FetchQueryOptions);

/** Hands what was prefetched to the client components inside. */
export const Hydrated = ({ children }: { children: ReactNode }) => (
  <HydrationBoundary state={dehydrate(serverClient())}>{children}</HydrationBoundary>
);
