import { addDays } from "../kernel/calendar.ts";

/** Where a task stands by its day: over, within seven days, later. Without a day it is later. */
export type TodoGroup = "overdue" | "week" | "later";

export function groupOf(dueOn: string | null, today: string): TodoGroup {
  if (dueOn === null) return "later";
  if (dueOn < today) return "overdue";
  return dueOn <= addDays(today, 7) ? "week" : "later";
}

/** Order of duties in the grid; monthly ones first. */
export const dutyOrder = ["branch_committee_meeting", "group_meeting", "theme_day", "member_meeting", "party_lesson"];

/**
 * done = in time; late = made up after its day; missed = its day is over and it is still open; now = its period runs; future = not begun;
 * none = did not exist or was waived.
 */
export type DutyState = "done" | "late" | "missed" | "now" | "future" | "none";

export type Duty = { state: string; periodKey: string; dueOn: string; fulfilledOn: string | null };

/** Months 1–12 that a period covers: `2026-11` one, `2026-Q4` three. */
export function monthsOf(periodKey: string): { first: number; span: number } {
  const quarter = /-Q([1-4])$/.exec(periodKey);
  if (quarter) return { first: (Number(quarter[1]) - 1) * 3 + 1, span: 3 };
  return { first: Number(periodKey.slice(5, 7)), span: 1 };
}

export function dutyState(duty: Duty, today: string): DutyState {
  if (duty.state === "waived") return "none";
  if (duty.state === "fulfilled") return duty.fulfilledOn !== null && duty.fulfilledOn > duty.dueOn ? "late" : "done";
  if (duty.dueOn < today) return "missed";
  const begins = `${duty.periodKey.slice(0, 4)}-${String(monthsOf(duty.periodKey).first).padStart(2, "0")}-01`;
  return begins <= today ? "now" : "future";
}

/** A cell of the grid: `count` of missed duties where a row is a branch, `day` on which it was held or is due where a row is a duty. */
export type DutyCell = { month: number; span: number; state: DutyState; count: number; day: string | null };

/** Twelve months of one duty of one branch; months without an obligation are "none". */
export function dutyRow(duties: readonly Duty[], today: string): DutyCell[] {
  const cells: DutyCell[] = [];
  for (let month = 1; month <= 12; ) {
    const duty = duties.find((candidate) => monthsOf(candidate.periodKey).first === month);
    if (!duty) {
      cells.push({ month, span: 1, state: "none", count: 0, day: null });
      month += 1;
      continue;
    }
    const { span } = monthsOf(duty.periodKey);
    const state = dutyState(duty, today);
    const day = state === "done" || state === "late" ? duty.fulfilledOn : state === "none" ? null : duty.dueOn;
    cells.push({ month, span, state, count: state === "missed" ? 1 : 0, day });
    month += span;
  }
  return cells;
}

/** Twelve months of all duties of one branch, each counted in the month of its day: the worst one colours the cell. */
export function branchRow(duties: readonly Duty[], today: string): DutyCell[] {
  return Array.from({ length: 12 }, (_, at) => {
    const month = at + 1;
    const states = duties
      .filter((duty) => Number(duty.dueOn.slice(5, 7)) === month)
      .map((duty) => dutyState(duty, today))
      .filter((state) => state !== "none");
    const missed = states.filter((state) => state === "missed").length;
    const worst =
      (["missed", "now", "late", "future", "done"] as const).find((state) => states.includes(state)) ?? "none";
    return { month, span: 1, state: worst, count: missed, day: null };
  });
}

/** Of the duties whose day is over, or that are done already: how many were done. */
export function tally(duties: readonly Duty[], today: string): { done: number; due: number } {
  const states = duties.map((duty) => dutyState(duty, today));
  const done = states.filter((state) => state === "done" || state === "late").length;
  return { done, due: done + states.filter((state) => state === "missed").length };
}
