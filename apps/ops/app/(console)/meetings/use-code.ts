"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "@/lib/trpc.tsx";

/**
 * The code that is valid now, renewed when its window ends. `stale` is true once the last answer is too old to be scanned,
 * by this computer's own clock: a frozen network must not leave a dead code on the wall without a word.
 */
export function useCode(id: string, purpose: "in" | "out", open: boolean) {
  const code = useQuery({
    ...useTRPC().meeting.code.queryOptions({ id, purpose }),
    enabled: open,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: true,
    refetchIntervalInBackground: true,
    refetchInterval: ({ state }) => {
      if (!state.data || state.status === "error") return 3_000;
      return Math.max(1_000, state.data.renewsAt.getTime() - state.data.now.getTime() + 300);
    },
  });
  const [stale, setStale] = useState(false);
  useEffect(() => {
    if (!code.dataUpdatedAt) return;
    setStale(false);
    const timer = setTimeout(() => setStale(true), 45_000);
    return () => clearTimeout(timer);
  }, [code.dataUpdatedAt]);
  const url = code.data && typeof window !== "undefined" ? new URL(code.data.path, window.location.origin).href : null;
  return { url, stale: stale && open, error: code.error };
}
