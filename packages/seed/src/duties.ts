import * as calendar from "@xianfeng/trpc/calendar";
import type { Ledger, MeetingKind } from "./ledger.ts";

export type Duty = { key: MeetingKind; every: "month" | "quarter"; document: string; article: string };

/** What a branch owes by rule. Source: 支部工作条例 art. 11–13, theme day: the same; the quarterly lesson is custom. */
export const duties: readonly Duty[] = [
  { key: "branch_committee_meeting", every: "month", document: "中国共产党支部工作条例（试行）", article: "第十二条" },
  { key: "group_meeting", every: "month", document: "中国共产党支部工作条例（试行）", article: "第十三条" },
  { key: "theme_day", every: "month", document: "中国共产党支部工作条例（试行）", article: "第十六条" },
  { key: "member_meeting", every: "quarter", document: "中国共产党支部工作条例（试行）", article: "第十一条" },
  { key: "party_lesson", every: "quarter", document: "学院规定", article: "每季度1次" },
];

export const periodKeyOf = (duty: Duty, day: string): string =>
  duty.every === "month" ? calendar.monthKey(day) : calendar.quarterKey(day);
export const dueOf = (duty: Duty, day: string): string =>
  duty.every === "month" ? calendar.endOfMonth(day) : calendar.endOfQuarter(day);

/** First days of all months from `from` to `to`. */
export function months(from: string, to: string): string[] {
  const list: string[] = [];
  for (let day = `${from.slice(0, 7)}-01`; day <= to; day = calendar.addMonths(day, 1)) list.push(day);
  return list;
}

/** Writes the rule parameters of the duties. @returns id by duty key */
export function writeDutyParameters(ledger: Ledger, orgId: number): Map<string, string> {
  const ids = new Map<string, string>();
  for (const duty of duties) {
    const id = ledger.random.uuid();
    ids.set(duty.key, id);
    const value = JSON.stringify({ times: 1, every: duty.every });
    ledger.add("rule_parameter", {
      id,
      key: `life.${duty.key}`,
      org_id: orgId,
      value,
      severity: "duty",
      document: duty.document,
      article: duty.article,
      valid_from: "2018-10-28",
    });
  }
  return ids;
}
