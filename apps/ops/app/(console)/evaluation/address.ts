/** Anything that can be asked for a parameter of the address. */
type Parameters = { get(name: string): string | null };

/** The page of a list in the address; 1 for anything that is none. */
export function pageOf(params: Parameters): number {
  const page = Number(params.get("page"));
  return Number.isInteger(page) && page >= 1 && page <= 10_000 ? page : 1;
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** An id in the address; null for anything that cannot be one. */
export function idOf(params: Parameters, name: string): string | null {
  const id = params.get(name);
  return id && uuid.test(id) ? id : null;
}

/** Puts a choice into the address at once, without asking the server for the page again: the rows come through their own query. */
export const replaceAddress = (path: string): void => window.history.replaceState(null, "", path);
