import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { transition } from "../kernel/index.ts";
import { checksOf } from "./meeting.checks.ts";
import { currentCode, exchangeCode, readTicket } from "./meeting.code.ts";
import {
  changeableFields,
  type MeetingEvent,
  type MeetingState,
  type MeetingSubject,
  meetingMachine,
} from "./meeting.machine.ts";
import { phaseOf, phases } from "./meeting.phase.ts";
import {
  byGroupName,
  dutyProgress,
  type HeldMeeting,
  hasVote,
  instantsOf,
  type MeetingKind,
  meetingKinds,
  periodOf,
  periodSpan,
  quorum,
  type SanctionSpan,
  stateAtClose,
  stateOfCheckIn,
  timeProblems,
} from "./meeting.rules.ts";

const seed = Number(process.env.SEED ?? 20261122);
console.info(`SEED=${seed}`);
const at = (text: string) => new Date(`${text.replace(" ", "T")}+08:00`);

type Vector = { id: string; fn: string; input: never; expected: never; params?: Record<string, unknown> };
const vectorsOf = (file: string, fn: string): Vector[] =>
  (
    JSON.parse(readFileSync(new URL(`./vectors/${file}`, import.meta.url), "utf8")) as { vectors: Vector[] }
  ).vectors.filter((vector) => vector.fn === fn);

describe("votes", () => {
  type QuorumIn = { kind: string; should_attend: number; present: number };
  const known = new Set(["general", "person", "committee"]);
  const cases = vectorsOf("votes.json", "vote.quorum").filter(({ input }) => known.has((input as QuorumIn).kind));
  it.each(cases)("$id quorum", ({ input, expected }) => {
    const { kind, should_attend, present } = input as QuorumIn;
    expect(quorum(kind as "general", should_attend, present)).toEqual(expected);
  });

  const tallies = vectorsOf("votes.json", "vote.tally").filter(
    ({ expected }) => "quorum_needed" in (expected as object),
  );
  it.each(tallies)("$id quorum of a vote", ({ input, expected }) => {
    const { kind, should_attend, present } = input as QuorumIn;
    const { quorum_needed, quorum_met } = expected as { quorum_needed: number; quorum_met: boolean };
    expect(quorum(kind as "general", should_attend, present)).toEqual({ needed: quorum_needed, met: quorum_met });
  });

  type BaseIn = {
    on: string;
    members: {
      id: string;
      identity: string;
      sanctions?: SanctionSpan[];
      rights_suspended?: boolean;
      exempt?: object;
    }[];
  };
  // Exemptions by consent of the superior are recorded by no screen yet, so the base has none.
  const bases = vectorsOf("votes.json", "vote.base").filter(
    ({ input }) => !(input as BaseIn).members.some((m) => m.exempt),
  );
  it.each(bases)("$id who has the vote", ({ input, expected }) => {
    const { on, members } = input as BaseIn;
    const voters = members.filter((member) =>
      hasVote(
        { identity: member.identity, sanctions: member.sanctions ?? [], rightsSuspended: member.rights_suspended },
        on,
      ),
    );
    expect({ should_attend: voters.map(({ id }) => id) }).toEqual(expected);
  });

  it("covers the vectors that apply", () => {
    expect([cases.length, tallies.length, bases.length]).toEqual([2, 20, 4]);
  });
});

describe("duties", () => {
  type StateIn = {
    branch: { groups: number };
    duty: string;
    period: string;
    on: string;
    records: {
      kinds: string[];
      held_on: string;
      voided?: boolean;
      present?: number;
      of?: number;
      group?: string;
      makes_up?: string;
    }[];
  };
  type StateOut = { state: string; done?: number; of?: number; late?: number; due_on?: string };
  // Whether a duty is owed at all is a question of the branch, asked before this one.
  const owed = vectorsOf("obligations.json", "duty.state").filter(
    ({ input, expected }) =>
      meetingKinds.includes((input as StateIn).duty as MeetingKind) &&
      !["not_owed", "lapsed"].includes((expected as StateOut).state),
  );
  it.each(owed)("$id progress", ({ input, expected }) => {
    const { branch, duty, period, on, records } = input as StateIn;
    const kind = duty as MeetingKind;
    const want = expected as StateOut;
    const meetings = records.flatMap((record) =>
      record.kinds.map(
        (each): HeldMeeting => ({
          kind: each as MeetingKind,
          heldOn: record.held_on,
          voided: record.voided ?? false,
          present: record.present ?? null,
          of: record.of ?? null,
          groupId: record.group ?? null,
          ...(record.makes_up ? { makesUp: record.makes_up } : {}),
        }),
      ),
    );
    const { done, late, of } = dutyProgress({ kind, period, groups: branch.groups, on }, meetings);
    const day = period.includes("Q")
      ? `${period.slice(0, 4)}-${String(Number(period.slice(6)) * 3).padStart(2, "0")}-01`
      : `${period}-01`;
    const dueOn = periodSpan(kind, day).to;
    const state = done >= of ? "fulfilled" : done + late >= of ? "made_up" : on > dueOn ? "missed" : "open";
    expect(state).toBe(want.state);
    expect(done).toBe(want.done);
    expect(of).toBe(want.of);
    if (want.late !== undefined) expect(late).toBe(want.late);
    if (want.due_on !== undefined) expect(dueOn).toBe(want.due_on);
  });

  it("covers the vectors that apply", () => {
    expect(owed.length).toBeGreaterThanOrEqual(9);
  });

  it("counts by month or by quarter", () => {
    expect(periodOf("member_meeting", "2026-11-20")).toBe("2026-Q4");
    expect(periodOf("theme_day", "2026-11-20")).toBe("2026-11");
    expect(periodSpan("party_lesson", "2026-02-28")).toEqual({ from: "2026-01-01", to: "2026-03-31" });
    expect(periodSpan("group_meeting", "2028-02-10")).toEqual({ from: "2028-02-01", to: "2028-02-29" });
  });
});

describe("times", () => {
  const times = { heldOn: "2026-11-20", startTime: "15:00", endTime: "16:30", checkInLead: 20, lateAfter: 10 };
  it("keeps a meeting on its day in Shanghai", () => {
    expect(instantsOf(times)).toEqual({
      startsAt: at("2026-11-20 15:00"),
      endsAt: at("2026-11-20 16:30"),
      checkInOpensAt: at("2026-11-20 14:40"),
      lateAfter: at("2026-11-20 15:10"),
    });
    expect(timeProblems(times)).toEqual({});
  });
  it("refuses an end before or at the start, lateness after the end, signing in the day before", () => {
    expect(timeProblems({ ...times, endTime: "15:00" })).toHaveProperty("endTime");
    expect(timeProblems({ ...times, endTime: "09:00" })).toHaveProperty("endTime");
    expect(timeProblems({ ...times, lateAfter: 91 })).toHaveProperty("lateAfter");
    expect(timeProblems({ ...times, startTime: "00:10", checkInLead: 11 })).toHaveProperty("checkInLead");
    expect(timeProblems({ ...times, startTime: "00:10", checkInLead: 10 })).toEqual({});
  });
  it("is late after the minute, not in it", () => {
    const meeting = { lateAfter: at("2026-11-20 15:10") };
    expect(stateOfCheckIn(meeting, at("2026-11-20 15:10"))).toBe("on_time");
    expect(stateOfCheckIn(meeting, at("2026-11-20 15:10:00.001"))).toBe("late");
  });
});

describe("closing a row", () => {
  const row = { state: "on_time", source: "code", checkedOutAt: null };
  it("makes who is missing absent and keeps leave", () => {
    expect(stateAtClose({ ...row, state: "pending", source: null }, false)).toBe("absent");
    expect(stateAtClose({ ...row, state: "leave" }, true)).toBe("leave");
    expect(stateAtClose(row, false)).toBe("on_time");
  });
  it("asks for signing out only from those who signed in by code", () => {
    expect(stateAtClose(row, true)).toBe("absent");
    expect(stateAtClose({ ...row, checkedOutAt: at("2026-11-20 16:30") }, true)).toBe("on_time");
    expect(stateAtClose({ ...row, source: "recorder" }, true)).toBe("on_time");
  });
});

it("puts groups in the order in which people number them", () => {
  const names = ["第十一党小组", "第二党小组", "第十党小组", "第一党小组", "第三党小组"];
  expect(names.sort(byGroupName)).toEqual(["第一党小组", "第二党小组", "第三党小组", "第十党小组", "第十一党小组"]);
});

describe("phase", () => {
  const row = {
    state: "published",
    voidedAt: null as Date | null,
    checkInOpensAt: at("2026-11-20 14:40"),
    endsAt: at("2026-11-20 16:30"),
  };
  it.each([
    ["2026-11-20 14:39:59.999", "not_started"],
    ["2026-11-20 14:40", "signing_in"],
    ["2026-11-20 16:29:59.999", "signing_in"],
    ["2026-11-20 16:30", "to_close"],
  ])("at %s is %s", (instant, phase) => {
    expect(phaseOf(row, at(instant))).toBe(phase);
  });
  it("puts void before everything and knows no other phase", () => {
    expect(phaseOf({ ...row, voidedAt: at("2026-11-20 10:00") }, at("2026-11-20 15:00"))).toBe("void");
    expect(phaseOf({ ...row, state: "closed" }, at("2026-11-20 15:00"))).toBe("closed");
    expect(phases).toContain(phaseOf({ ...row, state: "draft" }, at("2026-11-20 15:00")));
  });
});

describe("machine", () => {
  const subject: MeetingSubject = {
    state: "draft",
    kind: "member_meeting",
    audience: "all_members",
    title: "11月党员大会",
    place: "学院楼 A302",
    startsAt: at("2026-11-20 15:00"),
    endsAt: at("2026-11-20 16:30"),
    hasGroup: false,
    people: 6,
    strangers: 0,
  };
  const noon = at("2026-11-20 12:00");
  const states: MeetingState[] = ["draft", "published", "closed", "void", "removed"];
  const events: MeetingEvent[] = ["edit", "publish", "remove", "record", "close", "minutes", "correct", "void"];
  const table: Record<MeetingState, MeetingEvent[]> = {
    draft: ["edit", "publish", "remove"],
    published: ["edit", "minutes", "record", "close", "void"],
    closed: ["minutes", "correct", "void"],
    void: [],
    removed: [],
  };
  it.each(states.flatMap((state) => events.map((event) => [state, event] as const)))("%s %s", (state, event) => {
    const go = () => transition(meetingMachine, event, { ...subject, state }, at("2026-11-20 15:30"));
    if (table[state].includes(event)) expect(go).not.toThrow();
    else expect(go).toThrow("状态已经变化");
  });
  it("reaches every stored state from a draft", () => {
    const reached = new Set<MeetingState>(["draft"]);
    for (const state of reached) for (const found of Object.values(meetingMachine[state])) reached.add(found.to);
    expect([...reached].sort()).toEqual([...states].sort());
  });
  it.each([
    [{ title: "" }, "请填写主题"],
    [{ place: "" }, "请填写地点"],
    [{ people: 0 }, "没有应到人员"],
    [{ strangers: 2 }, "有2人开会当天不在本支部"],
    [{ audience: "chosen" as const }, "第十一条"],
    [{ kind: "branch_committee_meeting" as const }, "第十二条"],
    [{ kind: "group_meeting" as const }, "第十三条"],
    [{ kind: "group_meeting" as const, audience: "group" as const }, "还没有选党小组"],
    [{ endsAt: at("2026-11-20 15:00") }, "结束时间应晚于开始时间"],
  ])("refuses to publish %j", (change, words) => {
    expect(() => transition(meetingMachine, "publish", { ...subject, ...change }, noon)).toThrow(words);
  });
  it("says everything that is missing at once", () => {
    expect(() => transition(meetingMachine, "publish", { ...subject, title: "", place: "" }, noon)).toThrow(
      /主题.*地点/,
    );
  });
  it("does not close before the start", () => {
    const open = { ...subject, state: "published" as const };
    expect(() => transition(meetingMachine, "close", open, noon)).toThrow("15:00");
    expect(() => transition(meetingMachine, "close", open, at("2026-11-20 15:00"))).not.toThrow();
  });
  it("freezes the audience with publishing, everything but the minutes with the start", () => {
    expect(changeableFields("draft", false)).not.toContain("minutes");
    expect(changeableFields("published", false)).toContain("place");
    expect(changeableFields("published", false)).not.toContain("audience");
    expect(changeableFields("published", true)).toEqual(["minutes"]);
    expect(changeableFields("closed", true)).toEqual(["minutes"]);
    expect(changeableFields("void", true)).toEqual([]);
  });
});

describe("code and ticket", () => {
  const key = "key-one-0000000000000000";
  const id = "0192aaaa-0000-7000-8000-000000000001";
  const other = "0192aaaa-0000-7000-8000-000000000002";
  const now = at("2026-11-20 14:45:00");
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

  it("lives in its window and the next one", () => {
    const { code, renewsAt } = currentCode(key, id, "in", now);
    expect(renewsAt).toEqual(later(30));
    expect(exchangeCode(key, id, code, now)).not.toBeNull();
    expect(exchangeCode(key, id, code, later(59.999))).not.toBeNull();
    expect(exchangeCode(key, id, code, later(60))).toBeNull();
    expect(exchangeCode(key, id, code, later(-30))).toBeNull();
  });
  it("is bound to its meeting, purpose and key", () => {
    const { code } = currentCode(key, id, "in", now);
    expect(exchangeCode(key, other, code, now)).toBeNull();
    expect(exchangeCode(key, id, code.replace(/^in/, "out"), now)).toBeNull();
    expect(exchangeCode("key-two-0000000000000000", id, code, now)).toBeNull();
  });
  it("keeps a ticket for ten minutes with the instant of the scan", () => {
    const ticket = exchangeCode(key, id, currentCode(key, id, "in", now).code, later(12)) ?? "";
    expect(readTicket(key, id, ticket, later(500))).toEqual({ purpose: "in", scannedAt: later(12) });
    expect(readTicket(key, id, ticket, later(12 + 600))).toEqual({ purpose: "in", scannedAt: later(12) });
    expect(readTicket(key, id, ticket, later(12 + 600.001))).toBe("expired");
    expect(readTicket(key, other, ticket, later(20))).toBeNull();
    expect(readTicket(key, id, ticket.replace(/^in/, "out"), later(20))).toBeNull();
  });
  it("reads nothing into made-up text, and a code is no ticket", () => {
    const { code } = currentCode(key, id, "in", now);
    expect(readTicket(key, id, code, now)).toBeNull();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `in.${text}`),
          fc.string().map((text) => `in.zz.${text}`),
        ),
        (text) => {
          expect(exchangeCode(key, id, text, now)).toBeNull();
          expect(readTicket(key, id, text, now)).toBeNull();
        },
      ),
      { seed },
    );
  });
  it("breaks with any changed character", () => {
    const ticket = exchangeCode(key, id, currentCode(key, id, "in", now).code, now) ?? "";
    for (let index = 0; index < ticket.length; index += 1) {
      const changed = `${ticket.slice(0, index)}${ticket[index] === "A" ? "B" : "A"}${ticket.slice(index + 1)}`;
      expect(readTicket(key, id, changed, now), `character ${index}`).not.toMatchObject({ purpose: "in" });
    }
  });
});

describe("checks beside the form", () => {
  const facts = {
    kind: "member_meeting" as const,
    kindTitle: "党员大会",
    times: { heldOn: "2026-11-20", startTime: "15:00", endTime: "16:30", checkInLead: 20, lateAfter: 10 },
    now: at("2026-11-10 09:00"),
    blocking: [] as string[],
    voters: 23,
    done: 0,
    of: 1,
    clashes: [] as { title: string; startsAt: Date; endsAt: Date }[],
  };
  it("names duty and quorum with their clauses", () => {
    const checks = checksOf(facts);
    expect(checks.map(({ id, level }) => [id, level])).toEqual([
      ["duty", "ok"],
      ["quorum-general", "note"],
      ["quorum-person", "note"],
    ]);
    expect(checks[0]?.text).toContain("12月31日前");
    expect(checks[1]?.text).toContain("12人");
    expect(checks.every(({ clause }) => clause)).toBe(true);
  });
  it("puts what blocks first and warns of clashes and the past", () => {
    const checks = checksOf({
      ...facts,
      blocking: ["还没有地点，请填写地点"],
      now: at("2026-11-21 09:00"),
      clashes: [{ title: "支委会", startsAt: at("2026-11-20 15:30"), endsAt: at("2026-11-20 16:00") }],
      done: 1,
    });
    expect(checks.slice(0, 4).map(({ level }) => level)).toEqual(["block", "warn", "warn", "note"]);
    expect(checks.find(({ id }) => id === "clash")?.text).toContain("15:30");
  });
});
