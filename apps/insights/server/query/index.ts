import type { z } from "zod";
import { branchMeetings } from "./branch-meetings.ts";
import { branchPeople, previewPeople } from "./branch-people.ts";
import { branchRanking, previewRanking } from "./branch-ranking.ts";
import type { Named, Sheet } from "./define.ts";
import { meetingAttendance } from "./meeting-attendance.ts";
import { wallQuery } from "./wall-query.ts";

/** Every question a page may ask the analytics side. A browser names one; it never writes one. */
export const queries = {
  "branch-meetings": branchMeetings,
  "branch-people": branchPeople,
  "branch-ranking": branchRanking,
  "meeting-attendance": meetingAttendance,
  "preview-people": previewPeople,
  "preview-ranking": previewRanking,
  wall: wallQuery,
};

/** The ranking of a run, asked by readers or by those who generate. */
export type RankingQuery = "branch-ranking" | "preview-ranking";

export type QueryName = keyof typeof queries;
export type QueryParams<Name extends QueryName> = z.input<(typeof queries)[Name]["params"]>;
export type QueryData<Name extends QueryName> = Awaited<ReturnType<(typeof queries)[Name]["run"]>>;

/** The table of an answer, where its query can be taken away as one, and whose names are in it. */
export function sheetOf(name: string, answer: { data: unknown }): { sheet: Sheet; named: Named | null } | null {
  if (!Object.hasOwn(queries, name)) return null;
  const { sheet, named } = queries[name as QueryName] as {
    sheet?: (data: unknown) => Sheet;
    named?: (data: unknown) => Named | null;
  };
  return sheet ? { sheet: sheet(answer.data), named: named?.(answer.data) ?? null } : null;
}
