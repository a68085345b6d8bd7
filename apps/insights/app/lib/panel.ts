import { useCallback } from "react";
import { type ShouldRevalidateFunctionArgs, useSearchParams } from "react-router";

/** Choices among what a page already has: changing them asks the server nothing. */
const shownOnly = ["number", "table", "branch", "indicator", "dialog"];

/** Whether a page is asked for again: not when only the open number or another choice of what is shown has changed. */
export function unlessShownOnly({
  currentUrl,
  nextUrl,
  formMethod,
  defaultShouldRevalidate,
}: ShouldRevalidateFunctionArgs): boolean {
  const asked = ({ pathname, searchParams }: URL) => {
    const kept = new URLSearchParams(searchParams);
    for (const name of shownOnly) kept.delete(name);
    kept.sort();
    return `${pathname}?${kept}`;
  };
  const same = asked(currentUrl) === asked(nextUrl);
  return same && !formMethod && currentUrl.href !== nextUrl.href ? false : defaultShouldRevalidate;
}

/** Addresses of this page with some choices changed; null takes one away. */
export function useAddress() {
  const [search, setSearch] = useSearchParams();
  const address = useCallback(
    (changes: Record<string, string | null>): string => {
      const next = new URLSearchParams(search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      return `?${next}`;
    },
    [search],
  );
  return { search, address, setSearch };
}
