import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { currentCode, exchangeCode } from "./meeting.code.ts";
import { type Account, at, codeKey, type Made, makeWorld, ticketFor } from "./meeting.fixture.ts";

let made: Made;
beforeAll(async () => {
  made = await makeWorld();
});
afterAll(() => made.world.drop());

const messageOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: { message: string }) => error.message,
  );
const check = async (account: Account, id: string, scanned: Date, purpose: "in" | "out" = "in", now = scanned) =>
  (await made.world.as(account, now)).myMeeting.check({ id, ticket: ticketFor(id, purpose, scanned) });

describe("signing in", () => {
  it("goes by the code on the wall, through a ticket, into one row", async () => {
    const id = await made.published();
    const now = at("2026-11-20 14:47");
    const recorder = await made.world.as(made.account.admin, now);
    const { path } = await recorder.meeting.code({ id, purpose: "in" });
    expect(path).toMatch(new RegExp(`^/m/meetings/${id}/sign-in\\?c=in\\.`));
    const ticket = exchangeCode(codeKey, id, path.split("c=")[1] ?? "", at("2026-11-20 14:47:20")) ?? "";
    const member = await made.world.as(made.account.full, at("2026-11-20 14:47:40"));
    const first = await member.myMeeting.check({ id, ticket });
    expect(first).toEqual({
      meetingId: id,
      purpose: "in",
      state: "on_time",
      checkedInAt: at("2026-11-20 14:47:20"),
      checkedOutAt: null,
    });
    expect(await member.myMeeting.check({ id, ticket })).toEqual(first);
    expect(await made.attendanceOf(id, made.person.full)).toMatchObject({ state: "on_time", source: "code" });
  });

  it("makes a row that stays at its meeting: the marts would not look at the one that it has left", async () => {
    const [id, other] = [await made.published(), await made.published()];
    await check(made.account.full, id, at("2026-11-20 14:50"));
    const { id: rowId } = await made.attendanceOf(id, made.person.full);
    const moved = made.owner.$executeRaw`UPDATE attendance SET meeting_id = ${other}::uuid WHERE id = ${rowId}::uuid`;
    await expect(moved).rejects.toThrow(/stays at its meeting/);
    expect(await made.attendanceOf(id, made.person.full)).toMatchObject({ id: rowId, meetingId: id });
  });

  it("counts the instant of the scan, not of the password", async () => {
    const id = await made.published();
    const scanned = at("2026-11-20 15:09:30");
    expect(await check(made.account.full, id, scanned, "in", at("2026-11-20 15:16"))).toMatchObject({
      state: "on_time",
      checkedInAt: scanned,
    });
    expect(await check(made.account.second, id, at("2026-11-20 15:10:01"))).toMatchObject({ state: "late" });
  });

  it("refuses an older code, a foreign one, an old ticket and one of another meeting", async () => {
    const id = await made.published();
    const other = await made.published({ heldOn: "2026-11-21" });
    const now = at("2026-11-20 14:50");
    const member = await made.world.as(made.account.full, now);
    expect(exchangeCode(codeKey, id, "in.AAAAAAAAAAAAAAAAAAAAAAAA", now)).toBeNull();
    expect(await messageOf(member.myMeeting.check({ id, ticket: ticketFor(other, "in", now) }))).toBe(
      "二维码已更新，请现场重新扫码",
    );
    const old = ticketFor(id, "in", at("2026-11-20 14:40"));
    const tooLate = await made.world.as(made.account.full, at("2026-11-20 14:50:01"));
    expect(await messageOf(tooLate.myMeeting.check({ id, ticket: old }))).toContain("超过10分钟");
    expect(await made.attendanceOf(id, made.person.full)).toMatchObject({ state: "pending", checkedInAt: null });
  });

  describe("without a network, sent later", () => {
    const codeAt = (id: string, scanned: Date, purpose: "in" | "out" = "in") =>
      currentCode(codeKey, id, purpose, scanned).code;
    const send = async (account: Account, id: string, scanned: Date, now: Date, code = codeAt(id, scanned)) =>
      (await made.world.as(account, now)).myMeeting.checkOffline({ id, code, scannedAt: scanned });

    it("FA32: is one attendance with the phone's time, marked as sent later, however often it is sent", async () => {
      const id = await made.published();
      const scanned = at("2026-11-20 14:52:11");
      const arrived = at("2026-11-20 15:40");
      const first = await send(made.account.full, id, scanned, arrived);
      expect(first).toMatchObject({ purpose: "in", state: "on_time", checkedInAt: scanned });
      const answers = await Promise.all(
        [1, 2, 3].map(() => send(made.account.full, id, scanned, at("2026-11-20 15:41"))),
      );
      expect(answers).toEqual([first, first, first]);
      expect(await made.attendanceOf(id, made.person.full)).toMatchObject({
        state: "on_time",
        source: "offline",
        checkedInAt: scanned,
      });
      const rows = await made.world.owner.attendance.findMany({
        where: { meetingId: id, personId: made.person.full },
        include: { notes: true },
      });
      expect(rows.map(({ notes }) => notes.map(({ kind, stateAfter }) => [kind, stateAfter]))).toEqual([
        [["offline", "on_time"]],
      ]);
      const recorder = await made.world.as(made.account.admin, arrived);
      const row = (await recorder.meeting.attendance({ id })).find(({ personId }) => personId === made.person.full);
      expect(row).toMatchObject({ source: "offline", notes: [{ kind: "offline" }] });
    });

    it("FA32: is late by the time of the scan, and beside a sign-in with a network it changes nothing", async () => {
      const id = await made.published();
      const arrived = at("2026-11-20 15:50");
      expect(await send(made.account.full, id, at("2026-11-20 15:10:30"), arrived)).toMatchObject({ state: "late" });
      const online = await check(made.account.second, id, at("2026-11-20 14:58"));
      expect(await send(made.account.second, id, at("2026-11-20 14:45"), arrived)).toEqual(online);
      expect(await made.attendanceOf(id, made.person.second)).toMatchObject({ source: "code" });
    });

    it.each([
      ["hours before", "2026-11-20 12:00", "2026-11-20 14:52:00"],
      ["hours after", "2026-11-20 20:00", "2026-11-20 14:52:59.999"],
    ])("FA32: takes the code's time where the phone's clock is %s it", async (_, clock, kept) => {
      const id = await made.published();
      const code = codeAt(id, at("2026-11-20 14:52:11"));
      const answer = await send(made.account.full, id, at(clock), at("2026-11-20 15:40"), code);
      expect(answer.checkedInAt).toEqual(new Date(`${kept.replace(" ", "T")}+08:00`));
    });

    it("FA32: is refused with a code of another meeting, of another time, for signing out, or made up", async () => {
      const id = await made.published();
      const other = await made.published({ heldOn: "2026-11-21" });
      const scanned = at("2026-11-20 14:52");
      const arrived = at("2026-11-20 15:40");
      for (const code of [
        codeAt(other, scanned),
        codeAt(id, at("2026-11-20 14:00")),
        codeAt(id, at("2026-11-20 15:45")),
        codeAt(id, scanned, "out"),
        "in.AAAAAAAAAAAAAAAAAAAAAAAA",
        "in",
      ])
        expect(await messageOf(send(made.account.full, id, scanned, arrived, code))).toContain("请找记录人登记");
      expect(await made.attendanceOf(id, made.person.full)).toMatchObject({ state: "pending" });
    });

    it("FA32: does not overrule the recorder, a closed meeting, or one's own undoing", async () => {
      const id = await made.published();
      const scanned = at("2026-11-20 14:52");
      const early = at("2026-11-20 14:55");
      await send(made.account.full, id, scanned, early);
      await (await made.world.as(made.account.full, early)).myMeeting.undo({ id });
      expect(await send(made.account.full, id, scanned, at("2026-11-20 14:56"))).toMatchObject({ state: "pending" });
      const later = at("2026-11-20 15:40");
      const recorder = await made.world.as(made.account.admin, later);
      await recorder.meeting.record({ id, personIds: [made.person.second], state: "absent" });
      expect(await messageOf(send(made.account.second, id, scanned, later))).toContain("记录人已经登记");
      const closed = await made.published();
      const over = at("2026-11-20 16:31");
      await (await made.world.as(made.account.admin, over)).meeting.close({ id: closed });
      expect(await messageOf(send(made.account.full, closed, scanned, over))).toContain("签到已经结束");
      expect(await made.attendanceOf(closed, made.person.full)).toMatchObject({ state: "absent", checkedInAt: null });
    });
  });

  it.each([
    ["too early", "2026-11-20 14:39:59", "签到14:40开始"],
    ["at the end", "2026-11-20 16:30", "会议已到结束时间"],
  ])("refuses %s", async (_, instant, words) => {
    const id = await made.published();
    expect(await messageOf(check(made.account.full, id, at(instant)))).toContain(words);
    expect(await made.attendanceOf(id, made.person.full)).toMatchObject({ state: "pending" });
  });

  it("shows no code when nobody could use it", async () => {
    const id = await made.published();
    for (const [instant, words] of [
      ["2026-11-20 14:39", "签到14:40开始"],
      ["2026-11-20 16:30", "不是签到时间"],
    ] as const) {
      const recorder = await made.world.as(made.account.admin, at(instant));
      expect(await messageOf(recorder.meeting.code({ id, purpose: "in" }))).toContain(words);
      expect(await messageOf(recorder.meeting.code({ id, purpose: "out" }))).not.toBe("ok");
    }
  });

  it("refuses after closing and after voiding, and an answer that was given stays", async () => {
    const id = await made.published();
    const now = at("2026-11-20 15:05");
    const given = await check(made.account.full, id, now);
    await (await made.world.as(made.account.admin, now)).meeting.close({ id });
    expect(await messageOf(check(made.account.second, id, now))).toContain("签到已经结束");
    expect(await check(made.account.full, id, now)).toEqual(given);
    await (await made.world.as(made.account.secretary, now)).meeting.void({ id, reason: "记录有误" });
    expect(await messageOf(check(made.account.second, id, now))).toContain("会议已取消");
  });

  it("lets somebody on leave come after all", async () => {
    const id = await made.published();
    const early = await made.world.as(made.account.full, at("2026-11-19 10:00"));
    await early.myMeeting.leave({ id, reason: "实习在外" });
    expect(await check(made.account.full, id, at("2026-11-20 15:00"))).toMatchObject({ state: "on_time" });
  });
});

describe("undoing", () => {
  it("works until the start and only for one's own scan", async () => {
    const id = await made.published();
    await check(made.account.full, id, at("2026-11-20 14:45"));
    const early = await made.world.as(made.account.full, at("2026-11-20 14:59:59"));
    expect(await early.myMeeting.undo({ id })).toMatchObject({ state: "pending", checkedInAt: null });
    expect(await early.myMeeting.undo({ id })).toMatchObject({ state: "pending" });
    await check(made.account.full, id, at("2026-11-20 14:59:30"));
    const late = await made.world.as(made.account.full, at("2026-11-20 15:00"));
    expect(await messageOf(late.myMeeting.undo({ id }))).toContain("会议已经开始");
    const recorder = await made.world.as(made.account.admin, at("2026-11-20 14:50"));
    await recorder.meeting.record({ id, personIds: [made.person.second], state: "on_time" });
    const second = await made.world.as(made.account.second, at("2026-11-20 14:51"));
    expect(await messageOf(second.myMeeting.undo({ id }))).toContain("由记录人登记");
  });
});

describe("leave", () => {
  it("needs a reason, is taken once, and can be taken back until the start", async () => {
    const id = await made.published();
    const member = await made.world.as(made.account.full, at("2026-11-19 10:00"));
    expect(await messageOf(member.myMeeting.leave({ id, reason: "" }))).toContain("请填写原因");
    await Promise.all([
      member.myMeeting.leave({ id, reason: "实习在外" }),
      member.myMeeting.leave({ id, reason: "实习在外" }),
    ]);
    const row = await made.attendanceOf(id, made.person.full);
    expect(row.state).toBe("leave");
    expect(row.notes.map(({ kind, reason }) => [kind, reason])).toEqual([["leave", "实习在外"]]);
    await member.myMeeting.cancelLeave({ id });
    expect((await made.attendanceOf(id, made.person.full)).state).toBe("pending");
    const late = await made.world.as(made.account.full, at("2026-11-20 15:00"));
    expect(await messageOf(late.myMeeting.leave({ id, reason: "实习在外" }))).toContain("会议已经开始");
  });

  it("shows its reason to the recorder and keeps it out of the trail", async () => {
    const id = await made.published();
    await (await made.world.as(made.account.full, at("2026-11-19 10:00"))).myMeeting.leave({ id, reason: "就医" });
    const recorder = await made.world.as(made.account.admin, at("2026-11-19 11:00"));
    const row = (await recorder.meeting.attendance({ id })).find(({ personId }) => personId === made.person.full);
    expect(row?.notes[0]).toMatchObject({ reason: "就医", after: "leave" });
    const events = await made.owner.auditEvent.findMany({ where: { subjectId: id } });
    expect(events.map(({ action }) => action)).toContain("attendance.leave");
    expect(JSON.stringify(events)).not.toContain("就医");
  });
});

describe("signing out", () => {
  it("needs a sign-in and the meeting to ask for it; who leaves without is absent at the close", async () => {
    const id = await made.published({ checkOutRequired: true });
    expect(await messageOf(check(made.account.full, id, at("2026-11-20 16:25"), "out"))).toContain(
      "还没有签到，不能签退",
    );
    await check(made.account.full, id, at("2026-11-20 14:50"));
    await check(made.account.second, id, at("2026-11-20 14:51"));
    const early = await messageOf(check(made.account.full, id, at("2026-11-20 14:55"), "out"));
    expect(early).toContain("开始后才能签退");
    const first = await check(made.account.full, id, at("2026-11-20 16:31"), "out");
    expect(first.checkedOutAt).toEqual(at("2026-11-20 16:31"));
    expect(await check(made.account.full, id, at("2026-11-20 16:40"), "out")).toEqual(first);
    expect(await messageOf(check(made.account.second, id, at("2026-11-20 17:00"), "out"))).toContain("签退时间已过");
    const recorder = await made.world.as(made.account.admin, at("2026-11-20 17:00"));
    await recorder.meeting.record({ id, personIds: [made.person.probationary], state: "on_time" });
    expect(await messageOf(check(made.account.probationary, id, at("2026-11-20 16:31"), "out"))).toContain(
      "由记录人登记，不用签退",
    );
    await recorder.meeting.close({ id });
    expect((await made.attendanceOf(id, made.person.full)).state).toBe("on_time");
    expect(await made.attendanceOf(id, made.person.second)).toMatchObject({
      state: "absent",
      checkedInAt: at("2026-11-20 14:51"),
    });
    expect((await made.attendanceOf(id, made.person.probationary)).state).toBe("on_time");
  });
  it("is refused where it is not asked for", async () => {
    const id = await made.published();
    await check(made.account.full, id, at("2026-11-20 14:50"));
    expect(await messageOf(check(made.account.full, id, at("2026-11-20 16:20"), "out"))).toContain("不需要签退");
  });
});

describe("the recorder", () => {
  it("enters only leave before sign-in opens, several people at once, never strangers", async () => {
    const id = await made.published();
    const early = await made.world.as(made.account.admin, at("2026-11-19 10:00"));
    expect(await messageOf(early.meeting.record({ id, personIds: [made.person.full], state: "on_time" }))).toContain(
      "现在只能登记请假",
    );
    expect(await messageOf(early.meeting.record({ id, personIds: [made.person.full], state: "leave" }))).toContain(
      "请写请假原因",
    );
    await early.meeting.record({ id, personIds: [made.person.full], state: "leave", reason: "出差" });
    const now = await made.world.as(made.account.admin, at("2026-11-20 15:05"));
    const both = [made.person.second, made.person.probationary];
    expect(await now.meeting.record({ id, personIds: both, state: "on_time" })).toMatchObject({ changed: 2 });
    expect(await now.meeting.record({ id, personIds: both, state: "on_time" })).toMatchObject({ changed: 0 });
    expect(await messageOf(now.meeting.record({ id, personIds: [made.person.stranger], state: "on_time" }))).toContain(
      "没有找到",
    );
    // Several at once never overwrite what somebody did himself.
    await check(made.account.full, id, at("2026-11-20 15:12"));
    const ticked = [made.person.full, made.person.second, made.person.publicity];
    expect(await now.meeting.record({ id, personIds: ticked, state: "on_time" })).toMatchObject({
      changed: 1,
      kept: 1,
    });
    expect((await made.attendanceOf(id, made.person.full)).state).toBe("late");
    expect(await now.meeting.record({ id, personIds: ticked, state: "pending" })).toMatchObject({
      changed: 2,
      kept: 1,
    });
    await now.meeting.record({ id, personIds: both, state: "on_time" });
    await now.meeting.record({ id, personIds: [made.person.second], state: "absent", reason: "代签" });
    const row = await made.attendanceOf(id, made.person.second);
    expect(row).toMatchObject({ state: "absent", source: "recorder" });
    expect(row.notes.at(-1)).toMatchObject({ stateBefore: "on_time", stateAfter: "absent", reason: "代签" });
    await now.meeting.close({ id });
    expect(await messageOf(now.meeting.record({ id, personIds: both, state: "late" }))).toContain("状态已经变化");
  });
});

describe("races", () => {
  const rounds = 100;
  it("FA28: a double tap makes one attendance with one answer, a hundred times", { timeout: 180_000 }, async () => {
    const now = at("2026-11-20 14:50");
    const id = await made.published();
    const [one, two] = [
      await made.world.as(made.account.full, now),
      await made.world.as(made.account.full, new Date(now.getTime() + 400)),
    ];
    for (let round = 0; round < rounds; round += 1) {
      const tickets = [ticketFor(id, "in", now), ticketFor(id, "in", new Date(now.getTime() + 300))];
      const answers = await Promise.all([
        one.myMeeting.check({ id, ticket: tickets[round % 2] ?? "" }),
        two.myMeeting.check({ id, ticket: tickets[(round + 1) % 2] ?? "" }),
        one.myMeeting.check({ id, ticket: tickets[0] ?? "" }),
      ]);
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      const row = await made.attendanceOf(id, made.person.full);
      expect(row.checkedInAt).toEqual(answers[0].checkedInAt);
      await made.owner.attendance.update({
        where: { id: row.id },
        data: { state: "pending", checkedInAt: null, source: null },
      });
    }
    expect(await made.owner.attendance.count({ where: { meetingId: id, personId: made.person.full } })).toBe(1);
  });

  it("a sign-in against the close is counted or told that it is over, a hundred times", {
    timeout: 240_000,
  }, async () => {
    const now = at("2026-11-20 15:05");
    const id = await made.published();
    const member = await made.world.as(made.account.full, now);
    const recorder = await made.world.as(made.account.admin, now);
    const ticket = ticketFor(id, "in", now);
    const seen = { counted: 0, over: 0 };
    for (let round = 0; round < rounds; round += 1) {
      // Alternate who goes first, so that both outcomes are met.
      const calls = [() => member.myMeeting.check({ id, ticket }), () => recorder.meeting.close({ id })];
      const [a, b] = round % 2 === 0 ? calls : calls.toReversed();
      const settled = await Promise.allSettled([a?.(), b?.()]);
      const mine = settled[round % 2 === 0 ? 0 : 1];
      const theirs = settled[round % 2 === 0 ? 1 : 0];
      expect(theirs?.status).toBe("fulfilled");
      const row = await made.attendanceOf(id, made.person.full);
      if (mine?.status === "fulfilled") {
        seen.counted += 1;
        expect(row).toMatchObject({ state: "on_time", checkedInAt: now });
      } else {
        seen.over += 1;
        expect(String(mine?.reason)).toContain("签到已经结束");
        expect(row).toMatchObject({ state: "absent", checkedInAt: null });
      }
      expect(await made.owner.attendance.count({ where: { meetingId: id, state: "pending" } })).toBe(0);
      await made.owner.meeting.update({ where: { id }, data: { state: "published", closedAt: null } });
      await made.owner.attendance.updateMany({
        where: { meetingId: id },
        data: { state: "pending", checkedInAt: null, source: null },
      });
    }
    expect(seen.counted + seen.over).toBe(rounds);
    expect(Math.min(seen.counted, seen.over), JSON.stringify(seen)).toBeGreaterThan(0);
  });
});
