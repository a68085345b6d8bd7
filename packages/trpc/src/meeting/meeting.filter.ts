/** The filters of the list as they stand in the address: shared links, reload and the back button keep them. Safe in a browser. */
import { isDay } from "../kernel/calendar.ts";
import { type Phase, phases } from "./meeting.phase.ts";
import { type MeetingKind, meetingKinds } from "./meeting.rules.ts";

export const pageSizes = [10, 20, 50] as const;

export type MeetingFilter = {
  orgId: number | null;
  kind: MeetingKind | null;
  phase: Phase | null;
  from: string | null;
  to: string | null;
  q: string;
  page: number;
  size: number;
};

export const emptyFilter: MeetingFilter = {
  orgId: null,
  kind: null,
  phase: null,
  from: null,
  to: null,
  q: "",
  page: 1,
  size: 10,
};

const names = ["org", "kind", "phase", "from", "to", "q", "page", "size"] as const;

/**
 * Reads an address. What is unknown or stale is left out and named in `dropped`, so that the page can say so instead of showing
 * something else than the link promised. A doubled parameter counts as unknown (IA47, IA48).
 */
export function filterOf(params: URLSearchParams): { filter: MeetingFilter; dropped: string[] } {
  const filter = { ...emptyFilter };
  const dropped: string[] = [];
  for (const name of names) {
    const values = params.getAll(name);
    const value = values[0];
    if (value === undefined || value === "") continue;
    if (values.length > 1 || !take(filter, name, value)) dropped.push(name);
  }
  if (filter.from && filter.to && filter.from > filter.to) {
    filter.to = null;
    dropped.push("to");
  }
  return { filter, dropped };
}

function take(filter: MeetingFilter, name: (typeof names)[number], value: string): boolean {
  const whole = /^[1-9]\d{0,8}$/.test(value) ? Number(value) : null;
  switch (name) {
    case "org":
      filter.orgId = whole;
      return whole !== null;
    case "kind":
      filter.kind = meetingKinds.find((kind) => kind === value) ?? null;
      return filter.kind !== null;
    case "phase":
      filter.phase = phases.find((phase) => phase === value) ?? null;
      return filter.phase !== null;
    case "from":
    case "to":
      filter[name] = isDay(value) ? value : null;
      return filter[name] !== null;
    case "q":
      if ([...value].length > 60 || !value.isWellFormed() || value.includes("\0")) return false;
      filter.q = value;
      return true;
    case "page":
      if (whole === null || whole > 10_000) return false;
      filter.page = whole;
      return true;
    case "size":
      if (!pageSizes.some((size) => size === whole)) return false;
      filter.size = whole ?? filter.size;
      return true;
  }
}

/** The address of a filter, without what is as usual. */
export function paramsOf(filter: MeetingFilter): URLSearchParams {
  const params = new URLSearchParams();
  const set = (name: (typeof names)[number], value: string | number | null, usual: string | number | null) => {
    if (value !== null && value !== "" && value !== usual) params.set(name, String(value));
  };
  set("org", filter.orgId, null);
  set("kind", filter.kind, null);
  set("phase", filter.phase, null);
  set("from", filter.from, null);
  set("to", filter.to, null);
  set("q", filter.q, null);
  set("page", filter.page, emptyFilter.page);
  set("size", filter.size, emptyFilter.size);
  return params;
}

/** The question to the server. */
export const queryOf = ({ orgId, kind, phase, from, to, q, page, size }: MeetingFilter) => ({
  ...(orgId ? { orgId } : {}),
  ...(kind ? { kind } : {}),
  ...(phase ? { phase } : {}),
  ...(from ? { from } : {}),
  ...(to ? { to } : {}),
  ...(q ? { q } : {}),
  page,
  size,
});
