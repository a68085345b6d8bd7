/** 按规定看一看: what the rules say about a draft before it is published. Pure. */
import { timeAt } from "../kernel/calendar.ts";
import {
  dutyOf,
  instantsOf,
  type MeetingKind,
  type MeetingTimes,
  periodSpan,
  type QuorumKind,
  quorum,
  quorumKindsOf,
} from "./meeting.rules.ts";

/** ok: fulfilled. note: good to know. warn: may be published all the same. block: may not. */
export type Check = { id: string; level: "ok" | "note" | "warn" | "block"; text: string; clause?: string };

export type CheckFacts = {
  kind: MeetingKind;
  kindTitle: string;
  times: MeetingTimes;
  now: Date;
  /** What stands in the way of publishing, from the guards. */
  blocking: readonly string[];
  /** Of those expected: how many have the vote. */
  voters: number;
  /** Meetings of this kind that were already held in the period. */
  done: number;
  of: number;
  /** Other meetings of the branch at the same time. */
  clashes: readonly { title: string; startsAt: Date; endsAt: Date }[];
};

const clauseOfQuorum: Record<QuorumKind, string> = {
  general: "《支部工作条例（试行）》第十一条",
  person: "《发展党员工作细则》第二十条",
  committee: "《支部工作条例（试行）》第十二条",
};

const shortDay = (day: string) => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;

/** Everything worth saying about a draft, what blocks first. */
export function checksOf(facts: CheckFacts): Check[] {
  const { kind, kindTitle, times, now, done, of } = facts;
  const duty = dutyOf[kind];
  const span = periodSpan(kind, times.heldOn);
  const period = duty.period === "month" ? "月" : "季度";
  const { startsAt, endsAt } = instantsOf(times);
  const checks: Check[] = facts.blocking.map((text, index) => ({ id: `block-${index}`, level: "block", text }));
  if (endsAt <= now)
    checks.push({ id: "past", level: "warn", text: "会议时间已过，发布后作为补登记，不发通知，请逐人登记参会情况。" });
  else if (startsAt <= now) checks.push({ id: "started", level: "warn", text: "会议时间已到，发布后立即开始签到。" });
  for (const clash of facts.clashes)
    checks.push({
      id: "clash",
      level: "warn",
      text: `同一时间支部已有“${clash.title || "未命名会议"}”（${timeAt(clash.startsAt)}—${timeAt(clash.endsAt)}），请核对。`,
    });
  checks.push(
    of > 0 && done >= of
      ? { id: "duty", level: "note", text: `本${period}已开过${kindTitle}，这次是增开。`, clause: duty.clause }
      : {
          id: "duty",
          level: "ok",
          text: `在本${period}内（${shortDay(span.to)}前），结束后${kindTitle}记为${of > 1 ? `已开${done + 1}/${of}组` : "已办"}。`,
          clause: duty.clause,
        },
  );
  for (const name of quorumKindsOf(kind)) {
    const { needed } = quorum(name, facts.voters, 0);
    const matter = { general: "讨论一般事项", person: "讨论接收、转正", committee: "支委会" }[name];
    checks.push({
      id: `quorum-${name}`,
      level: "note",
      text: `${matter}须到会有表决权的正式党员${needed}人（应到${facts.voters}人）。`,
      clause: clauseOfQuorum[name],
    });
  }
  return checks;
}
