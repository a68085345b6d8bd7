import { useCallback } from "react";
import { useSearchParams } from "react-router";
import { type Figure, isFigure } from "../definitions.ts";

/** The open number: which figure, of whom. Kept in the address (`number=share.12`), so that a link keeps it open. */
export type OpenNumber = { figure: Figure; subject: string };

export function readNumber(search: URLSearchParams): OpenNumber | null {
  const [figure = "", subject = ""] = (search.get("number") ?? "").split(".", 2);
  return isFigure(figure) && /^\w{1,40}$/.test(subject) ? { figure, subject } : null;
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
