"use client";

import { useSyncExternalStore } from "react";

const changed = "typed-search-changed";

/**
 * What was typed into the search, kept behind the # of the address: it survives reload, back and a link that is passed on, and since
 * browsers never send that part, names stay out of every server's log.
 */
export function useTyped(): [string, (text: string) => void] {
  const typed = useSyncExternalStore(subscribe, read, () => "");
  return [typed, write];
}

const read = () => new URLSearchParams(window.location.hash.slice(1)).get("q") ?? "";

function write(text: string): void {
  const hash = text === "" ? "" : `#${new URLSearchParams({ q: text })}`;
  window.history.replaceState(null, "", window.location.pathname + window.location.search + hash);
  window.dispatchEvent(new Event(changed));
}

function subscribe(onChange: () => void): () => void {
  for (const event of ["hashchange", "popstate", changed]) window.addEventListener(event, onChange);
  return () => {
    for (const event of ["hashchange", "popstate", changed]) window.removeEventListener(event, onChange);
  };
}
