import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromColumn, toColumn } from "../kernel/calendar.ts";
import type { ConflictDetail } from "./meeting.draft.ts";
import { at, type Made, makeWorld, plainForm } from "./meeting.fixture.ts";

let made: Made;
beforeAll(async () => {
  made = await makeWorld();
});
afterAll(() => made.world.drop());

const before = at("2026-11-10 09:00");
const during = at("2026-11-20 15:30");
const after = at("2026-11-20 16:40");

/** The refusal of a call: kind, words, detail. */
async function refusal(
  call: Promise<unknown>,
): Promise<{ kind: string; message: string; detail: { current?: unknown; fields?: Record<string, string> } }> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown as { kind?: string; message: string; detail?: object; cause?: { kind?: string } },
  );
  if (!error) throw new Error("the call should have been refused");
  return { kind: error.kind ?? "", message: error.message, detail: error.detail ?? {} };
}

describe("drafts", () => {
  it("are started once, however often the form sends", async () => {
    const id = randomUUID();
    const caller = await made.world.as(made.account.admin, before);
    const start = () => caller.meeting.start({ id, orgId: made.a.id, fields: plainForm });
    const answers = await Promise.all([start(), start(), start()]);
    expect(answers).toEqual([
      { id, version: 1 },
      { id, version: 1 },
      { id, version: 1 },
    ]);
    expect(await made.owner.meeting.count({ where: { id } })).toBe(1);
    expect(await made.owner.auditEvent.count({ where: { subjectId: id, action: "meeting.create" } })).toBe(1);
  });

  it("bring in place, times and people of the last one, and say where from", async () => {
    const last = await made.published({
      place: "校档案馆",
      kind: "theme_day",
      heldOn: "2026-11-13",
      startTime: "14:30",
      endTime: "16:00",
    });
    const caller = await made.world.as(made.account.admin, at("2026-11-16 09:00"));
    const { fields, sources } = await caller.meeting.broughtIn({ orgId: made.a.id, kind: "theme_day" });
    // 13 November was a Friday; the next one is brought in.
    expect(fields).toMatchObject({
      place: "校档案馆",
      startTime: "14:30",
      endTime: "16:00",
      heldOn: "2026-11-20",
      hostId: made.person.secretary,
    });
    expect(sources).toMatchObject({ place: "上次主题党日地点", hostId: "支部书记" });
    await (await made.world.as(made.account.secretary, at("2026-11-16 09:00"))).meeting.void({
      id: last,
      reason: "测试",
    });
  });

  it("refuse times that cannot be and text that cannot be stored", async () => {
    const id = await made.draft();
    const caller = await made.world.as(made.account.admin, before);
    const save = (changes: object) =>
      caller.meeting.save({ id, version: 1, changes, base: { ...plainForm, agenda: "" } });
    expect((await refusal(save({ endTime: "14:00" }))).message).toContain("结束时间应晚于开始时间");
    await expect(save({ title: "字".repeat(61) })).rejects.toThrow("主题不能超过60个字");
    await expect(save({ title: "a\u0000b" })).rejects.toThrow("不能保存的字符");
    await expect(save({ heldOn: "2026-02-30" })).rejects.toThrow("不是有效的日期");
    await expect(save({ state: "published" })).rejects.toThrow();
    expect((await caller.meeting.get({ id })).version).toBe(1);
    await expect(save({ title: "𠮷".repeat(60) })).resolves.toMatchObject({ version: 2 });
  });

  it("merge fields that only one of two editors touched", async () => {
    const id = await made.draft();
    const one = await made.world.as(made.account.admin, before);
    const two = await made.world.as(made.account.secretary, before);
    await one.meeting.save({ id, version: 1, changes: { place: "学院楼 B108" }, base: { place: "学院楼 A302" } });
    const saved = await two.meeting.save({
      id,
      version: 1,
      changes: { title: "新主题" },
      base: { title: "11月党员大会" },
    });
    expect(saved.form).toMatchObject({ place: "学院楼 B108", title: "新主题" });
    expect(saved.version).toBe(3);
  });

  it("FA30: tell the second of two editors of one field both values, by whom and when, and keep the first", async () => {
    const id = await made.draft();
    const one = await made.world.as(made.account.admin, before);
    const two = await made.world.as(made.account.secretary, before);
    await one.meeting.save({ id, version: 1, changes: { place: "学院楼 B108" }, base: { place: "学院楼 A302" } });
    const { kind, message, detail } = await refusal(
      two.meeting.save({
        id,
        version: 1,
        changes: { place: "校档案馆", agenda: "一、学习" },
        base: { place: "学院楼 A302", agenda: "" },
      }),
    );
    expect(kind).toBe("conflict");
    expect(message).toContain("吴同志");
    const current = detail.current as ConflictDetail;
    expect(current.version).toBe(2);
    expect(current.fields).toMatchObject([
      { field: "place", mine: "校档案馆", theirs: "学院楼 B108", base: "学院楼 A302", by: "吴同志" },
    ]);
    expect(current.fields[0]?.at).toBeInstanceOf(Date);
    expect((await one.meeting.get({ id })).form).toMatchObject({ place: "学院楼 B108", agenda: "" });
    // Having seen both, the second may still choose the own value.
    await two.meeting.save({
      id,
      version: 2,
      changes: { place: "校档案馆", agenda: "一、学习" },
      base: { place: "学院楼 B108", agenda: "" },
    });
    expect((await one.meeting.get({ id })).form).toMatchObject({ place: "校档案馆", agenda: "一、学习" });
  });

  it("take the same save twice as one", async () => {
    const id = await made.draft();
    const caller = await made.world.as(made.account.admin, before);
    const save = () =>
      caller.meeting.save({ id, version: 1, changes: { place: "西楼" }, base: { place: "学院楼 A302" } });
    const versions = (await Promise.all([save(), save()])).map(({ version }) => version);
    expect(versions).toEqual([2, 2]);
  });

  it("are deleted; a published meeting is not", async () => {
    const caller = await made.world.as(made.account.admin, before);
    const id = await made.draft();
    await caller.meeting.remove({ id });
    expect(await made.owner.meeting.count({ where: { id } })).toBe(0);
    expect((await refusal(caller.meeting.remove({ id: await made.published() }))).kind).toBe("state");
  });
});

describe("the cards beside the form", () => {
  it("count who would come and quote the rules for a form that nobody has saved", async () => {
    const caller = await made.world.as(made.account.admin, before);
    const { fields } = await caller.meeting.broughtIn({ orgId: made.a.id, kind: "branch_committee_meeting" });
    const preview = (change: object) =>
      caller.meeting.preview({
        id: randomUUID(),
        orgId: made.a.id,
        fields: { ...fields, heldOn: "2026-12-18", ...change },
      });
    const good = await preview({ title: "12月支委会", place: "学院楼 A302" });
    expect(good.expected.map(({ name }) => name).sort()).toEqual(["周同志", "吴同志", "沈同志"].sort());
    expect(good.checks.map(({ level }) => level)).toEqual(["ok", "note"]);
    expect(good.checks[1]?.text).toContain("2人（应到3人）");
    const bare = await preview({ title: "", place: "", hostId: made.person.stranger });
    expect(bare.checks.filter(({ level }) => level === "block").map(({ text }) => text)).toEqual([
      "还没有主题，请填写主题",
      "还没有地点，请填写地点",
      "有1人开会当天不在本支部，请从参会人员、主持人、记录人中去掉",
    ]);
  });
});

describe("publishing", () => {
  it("freezes identity, vote and place of the meeting's day, and a later transfer changes nothing", async () => {
    const mover = await made.world.person(made.t, made.a.id, { name: "孙同志", group: made.g1 });
    const left = await made.world.person(made.t, made.a.id, { name: "钱同志", group: made.g1 });
    const watched = await made.world.person(made.t, made.a.id, { name: "赵同志", group: made.g1 });
    await made.owner.sanction.create({
      data: {
        tenantId: made.t,
        personId: watched,
        kind: "watched_membership",
        validFrom: toColumn("2026-01-10"),
        validTo: toColumn("2027-01-10"),
      },
    });
    // Known before publishing: gone on the day of the meeting, though still here today.
    await made.world.transfer(made.t, left, made.b.id, "2026-11-15");
    const id = await made.published();
    await made.world.transfer(made.t, mover, made.b.id, "2026-11-18");
    const caller = await made.world.as(made.account.admin, during);
    await caller.meeting.close({ id });
    const rows = await made.owner.attendance.findMany({ where: { meetingId: id } });
    const of = (personId: string) => rows.find((row) => row.personId === personId);
    expect(of(mover)).toMatchObject({
      orgIdThen: made.a.id,
      identityThen: "full_member",
      mayVote: true,
      shouldAttend: true,
      state: "absent",
    });
    expect(of(left)).toBeUndefined();
    expect(of(watched)).toMatchObject({ mayVote: false, shouldAttend: true });
    expect(of(made.person.probationary)).toMatchObject({
      identityThen: "probationary_member",
      mayVote: false,
      shouldAttend: true,
    });
    expect(of(made.person.activist)).toBeUndefined();
    expect(of(made.person.stranger)).toBeUndefined();
    for (const person of [mover, watched])
      await made.owner.membership.updateMany({
        where: { personId: person, validTo: null },
        data: { validTo: toColumn("2026-11-21") },
      });
  });

  it("invites the committee by office, a group by group, a chosen list with guests who do not count", async () => {
    const peopleOf = async (id: string) =>
      (await made.owner.attendance.findMany({ where: { meetingId: id } })).map((row) => [
        row.personId,
        row.shouldAttend,
        row.mayVote,
      ]);
    const committee = await made.published({ kind: "branch_committee_meeting", audience: "committee" });
    expect((await peopleOf(committee)).sort()).toEqual(
      [made.person.secretary, made.person.officer, made.person.publicity].map((id) => [id, true, true]).sort(),
    );
    const group = await made.published({
      kind: "group_meeting",
      audience: "group",
      groupId: made.g2,
      heldOn: "2026-12-10",
    });
    expect((await peopleOf(group)).map(([id]) => id).sort()).toEqual(
      [made.person.publicity, made.person.second, made.person.probationary].sort(),
    );
    const chosen = await made.published({
      kind: "party_lesson",
      audience: "chosen",
      chosenPersonIds: [made.person.full, made.person.activist],
      heldOn: "2026-12-10",
    });
    expect((await peopleOf(chosen)).sort()).toEqual(
      [
        [made.person.activist, false, false],
        [made.person.full, true, true],
      ].sort(),
    );
  });

  it.each([
    [
      "a person of another branch",
      () => ({
        kind: "party_lesson" as const,
        audience: "chosen" as const,
        chosenPersonIds: [made.person.full, made.person.stranger],
      }),
      "有1人开会当天不在本支部",
    ],
    ["a chair of another branch", () => ({ hostId: made.person.stranger }), "有1人开会当天不在本支部"],
    [
      "a group of another branch",
      () => ({ kind: "group_meeting" as const, audience: "group" as const, groupId: made.foreignGroup }),
      "还没有选党小组",
    ],
    [
      "nobody chosen",
      () => ({ kind: "theme_day" as const, audience: "chosen" as const, chosenPersonIds: [] }),
      "至少选1人",
    ],
    ["no title and no place", () => ({ title: "", place: "" }), "请填写主题；还没有地点，请填写地点"],
  ])("refuses %s", async (_, fields, words) => {
    const id = await made.draft(fields());
    const caller = await made.world.as(made.account.secretary, before);
    const { kind, message } = await refusal(caller.meeting.publish({ id, version: 1 }));
    expect(kind).toBe("state");
    expect(message).toContain(words);
    expect(await made.owner.attendance.count({ where: { meetingId: id } })).toBe(0);
    expect(await made.owner.outboxMessage.count({ where: { href: `/m/meetings/${id}` } })).toBe(0);
  });

  it("twice at once is once: one list, one message each, one to-do", async () => {
    const id = await made.draft();
    const one = await made.world.as(made.account.secretary, before);
    const two = await made.world.as(made.account.admin, before);
    const answers = await Promise.all([
      one.meeting.publish({ id, version: 1 }),
      two.meeting.publish({ id, version: 1 }),
      one.meeting.publish({ id, version: 1 }),
    ]);
    expect(new Set(answers.map(({ people }) => people)).size).toBe(1);
    const rows = await made.owner.attendance.findMany({ where: { meetingId: id } });
    expect(new Set(rows.map(({ personId }) => personId)).size).toBe(rows.length);
    const messages = await made.owner.outboxMessage.findMany({ where: { href: `/m/meetings/${id}` } });
    // Everybody on the list who has an account: secretary, officer, and three members.
    expect(messages.map(({ principalId }) => principalId).sort()).toEqual(
      [made.account.secretary, made.account.admin, made.account.full, made.account.second, made.account.probationary]
        .map(({ principalId }) => principalId)
        .sort(),
    );
    expect(messages.every(({ channel, state }) => channel === "in_app" && state === "waiting")).toBe(true);
    expect(await made.owner.todo.count({ where: { subjectId: id } })).toBe(1);
    expect(await made.owner.auditEvent.count({ where: { subjectId: id, action: "meeting.publish" } })).toBe(1);
  });

  it("refuses a draft that somebody changed since it was looked at", async () => {
    const id = await made.draft();
    const one = await made.world.as(made.account.admin, before);
    await one.meeting.save({ id, version: 1, changes: { place: "西楼" }, base: { place: "学院楼 A302" } });
    const two = await made.world.as(made.account.secretary, before);
    const { kind, message } = await refusal(two.meeting.publish({ id, version: 1 }));
    expect([kind, message.includes("吴同志")]).toEqual(["conflict", true]);
  });

  it("sends nothing for a meeting that is entered afterwards", async () => {
    const id = await made.published({}, at("2026-11-25 09:00"));
    expect(await made.owner.outboxMessage.count({ where: { href: `/m/meetings/${id}` } })).toBe(0);
  });
});

describe("a published meeting", () => {
  it("can move until it starts; everybody is told, the audience stays", async () => {
    const id = await made.published();
    const caller = await made.world.as(made.account.admin, before);
    const version = (await caller.meeting.get({ id })).version;
    await caller.meeting.save({ id, version, changes: { place: "西楼" }, base: { place: "学院楼 A302" } });
    const messages = await made.owner.outboxMessage.findMany({
      where: { href: `/m/meetings/${id}`, subject: { startsWith: "会议有调整" } },
    });
    expect(messages).toHaveLength(5);
    expect(
      (
        await refusal(
          caller.meeting.save({
            id,
            version: version + 1,
            changes: { audience: "chosen" },
            base: { audience: "all_members" },
          }),
        )
      ).message,
    ).toContain("参会名单已经固定");
    const late = await made.world.as(made.account.admin, during);
    expect(
      (
        await refusal(
          late.meeting.save({ id, version: version + 1, changes: { place: "东楼" }, base: { place: "西楼" } }),
        )
      ).message,
    ).toContain("会议已经开始");
    await late.meeting.save({
      id,
      version: version + 1,
      changes: { minutes: "一、会议应到6人。" },
      base: { minutes: "" },
    });
  });

  it("takes the rights of the new day when it moves to another day, and loses no leave", async () => {
    const leaver = await made.world.person(made.t, made.a.id, { name: "李同志", group: made.g2 });
    const account = await made.world.account(made.t, "李同志", [{ role: "member", orgId: made.a.id }], leaver);
    await made.world.transfer(made.t, leaver, made.b.id, "2026-11-25");
    const id = await made.published();
    await (await made.world.as(account, before)).myMeeting.leave({ id, reason: "外出实习" });
    const caller = await made.world.as(made.account.admin, before);
    const { version } = await caller.meeting.get({ id });
    await caller.meeting.save({ id, version, changes: { heldOn: "2026-11-27" }, base: { heldOn: "2026-11-20" } });
    const row = await made.attendanceOf(id, leaver);
    expect(row).toMatchObject({ state: "leave", shouldAttend: false, mayVote: false });
    expect(row.notes.map(({ reason }) => reason)).toEqual(["外出实习"]);
    await made.owner.principal.update({ where: { id: account.principalId }, data: { disabledAt: before } });
  });

  it("is voided with a reason, once; people are told and it counts as void", async () => {
    const id = await made.published();
    const caller = await made.world.as(made.account.secretary, before);
    await expect(caller.meeting.void({ id, reason: "  " })).rejects.toThrow("请填写原因");
    await Promise.all([
      caller.meeting.void({ id, reason: "场地停电" }),
      caller.meeting.void({ id, reason: "场地停电" }),
    ]);
    expect(await made.owner.meeting.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "published" });
    expect((await caller.meeting.get({ id })).phase).toBe("void");
    expect(
      await made.owner.outboxMessage.count({
        where: { href: `/m/meetings/${id}`, subject: { startsWith: "会议取消" } },
      }),
    ).toBe(5);
    expect(await made.owner.auditEvent.count({ where: { subjectId: id, action: "meeting.void" } })).toBe(1);
    expect((await made.owner.todo.findFirstOrThrow({ where: { subjectId: id } })).doneAt).not.toBeNull();
    expect((await refusal(caller.meeting.close({ id }))).kind).toBe("state");
  });
});

describe("closing", () => {
  it("makes who is missing absent, finishes the to-do, fulfils the duty; twice is once; voiding opens it again", async () => {
    const duty = () =>
      made.owner.obligation.findUnique({
        where: {
          tenantId_dutyKey_subjectKind_subjectId_periodKey: {
            tenantId: made.t,
            dutyKey: "theme_day",
            subjectKind: "org",
            subjectId: String(made.a.id),
            periodKey: "2026-11",
          },
        },
      });
    const id = await made.published({ kind: "theme_day" });
    const caller = await made.world.as(made.account.admin, during);
    expect((await refusal((await made.world.as(made.account.admin, before)).meeting.close({ id }))).message).toContain(
      "15:00才开始",
    );
    await caller.meeting.record({ id, personIds: [made.person.full], state: "on_time" });
    await caller.meeting.record({ id, personIds: [made.person.second], state: "leave", reason: "实习在外" });
    const [first, second] = await Promise.all([caller.meeting.close({ id }), caller.meeting.close({ id })]);
    expect(first.counts).toEqual(second.counts);
    expect(first.counts).toMatchObject({ onTime: 1, leave: 1, pending: 0, absent: first.counts.expected - 2 });
    expect(await made.owner.auditEvent.count({ where: { subjectId: id, action: "meeting.close" } })).toBe(1);
    const todos = await made.owner.todo.findMany({ where: { subjectId: id }, orderBy: { kind: "asc" } });
    expect(todos.map(({ kind, doneAt }) => [kind, doneAt])).toEqual([
      ["meeting_close", during],
      ["meeting_minutes", null],
    ]);
    const { version } = await caller.meeting.get({ id });
    await caller.meeting.save({ id, version, changes: { minutes: "会议应到6人。" }, base: { minutes: "" } });
    expect(await made.owner.todo.count({ where: { subjectId: id, doneAt: null } })).toBe(0);
    const row = await duty();
    expect(row).toMatchObject({ state: "fulfilled", fulfilledByKind: "meeting", fulfilledById: id, orgId: made.a.id });
    expect(row && [fromColumn(row.dueOn), row.fulfilledOn && fromColumn(row.fulfilledOn)]).toEqual([
      "2026-11-30",
      "2026-11-20",
    ]);
    await (await made.world.as(made.account.secretary, after)).meeting.void({ id, reason: "记录有误" });
    expect(await duty()).toMatchObject({ state: "open", fulfilledById: null, fulfilledOn: null });
  });

  it("fulfils the group duty when every group has met, also when two close at once", async () => {
    const key = {
      tenantId: made.t,
      dutyKey: "group_meeting",
      subjectKind: "org",
      subjectId: String(made.a.id),
      periodKey: "2026-10",
    };
    const times = { kind: "group_meeting" as const, audience: "group" as const, heldOn: "2026-10-20" };
    const ids = await Promise.all(
      [made.g1, made.g2].map((groupId) => made.published({ ...times, groupId }, at("2026-10-10 09:00"))),
    );
    const caller = await made.world.as(made.account.admin, at("2026-10-20 17:00"));
    await Promise.all(ids.map((id) => caller.meeting.close({ id })));
    const where = { tenantId_dutyKey_subjectKind_subjectId_periodKey: key };
    expect(await made.owner.obligation.findUnique({ where })).toMatchObject({ state: "fulfilled" });
    await (await made.world.as(made.account.secretary, at("2026-10-21 09:00"))).meeting.void({
      id: ids[0] ?? "",
      reason: "记录有误",
    });
    expect(await made.owner.obligation.findUnique({ where })).toMatchObject({ state: "open" });
  });

  it("does not fulfil the committee duty without a quorum; a correction that restores it does", async () => {
    const key = {
      tenantId: made.t,
      dutyKey: "branch_committee_meeting",
      subjectKind: "org",
      subjectId: String(made.a.id),
      periodKey: "2026-09",
    };
    const where = { tenantId_dutyKey_subjectKind_subjectId_periodKey: key };
    const id = await made.published({ kind: "branch_committee_meeting", heldOn: "2026-09-18" }, at("2026-09-10 09:00"));
    const caller = await made.world.as(made.account.admin, at("2026-09-18 17:00"));
    await caller.meeting.record({ id, personIds: [made.person.secretary], state: "on_time" });
    const { dutyFulfilled } = await caller.meeting.close({ id });
    expect([dutyFulfilled, (await made.owner.obligation.findUnique({ where }))?.state]).toEqual([false, "open"]);
    await caller.meeting.correct({ id, personId: made.person.officer, state: "on_time", reason: "到会，忘记登记" });
    expect(await made.owner.obligation.findUnique({ where })).toMatchObject({ state: "fulfilled", fulfilledById: id });
  });

  it("leaves a superior's waiver alone", async () => {
    const key = {
      tenantId: made.t,
      dutyKey: "theme_day",
      subjectKind: "org",
      subjectId: String(made.a.id),
      periodKey: "2026-08",
    };
    await made.owner.obligation.create({
      data: { ...key, orgId: made.a.id, dueOn: toColumn("2026-08-31"), state: "waived" },
    });
    const id = await made.published({ kind: "theme_day", heldOn: "2026-08-20" }, at("2026-08-10 09:00"));
    await (await made.world.as(made.account.admin, at("2026-08-20 17:00"))).meeting.close({ id });
    expect(await made.owner.obligation.findFirst({ where: key })).toMatchObject({ state: "waived" });
  });
});

describe("corrections", () => {
  it("need a reason, append a note that nobody can change, and stamp the row", async () => {
    const id = await made.published();
    const caller = await made.world.as(made.account.admin, during);
    const correct = (reason: string) =>
      caller.meeting.correct({ id, personId: made.person.full, state: "late", reason });
    expect((await refusal(correct("到会"))).message).toContain("会议还没有结束");
    await caller.meeting.close({ id });
    await expect(correct(" ")).rejects.toThrow("请填写更正原因");
    await correct("手机没电，15:20到会");
    await correct("手机没电，15:20到会");
    const row = await made.attendanceOf(id, made.person.full);
    expect(row).toMatchObject({ state: "late", source: "correction", correctedAt: during });
    expect(row.notes).toMatchObject([
      {
        kind: "correction",
        stateBefore: "absent",
        stateAfter: "late",
        reason: "手机没电，15:20到会",
        principalId: made.account.admin.principalId,
      },
    ]);
    const note = row.notes[0]?.id ?? "";
    await expect(
      made.world.app.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT set_config('app.tenant_id', ${String(made.t)}, true)`;
        await tx.$executeRaw`UPDATE attendance_note SET reason = 'x' WHERE id = ${note}::uuid`;
      }),
    ).rejects.toThrow(/permission denied/);
    const trail = await caller.meeting.trail({ id });
    expect(trail.map(({ action }) => action)).toEqual([
      "meeting.create",
      "meeting.publish",
      "meeting.close",
      "attendance.correct",
    ]);
  });

  it("are not for people who were not invited", async () => {
    const id = await made.published();
    const caller = await made.world.as(made.account.admin, during);
    await caller.meeting.close({ id });
    expect(
      (await refusal(caller.meeting.correct({ id, personId: made.person.stranger, state: "late", reason: "到会" })))
        .kind,
    ).toBe("not_found");
  });
});

describe("lists", () => {
  it("find titles literally and stay in reach", async () => {
    const id = await made.draft({ title: "100%到会_学习\\交流" });
    const caller = await made.world.as(made.account.admin, before);
    const find = async (q: string) => (await caller.meeting.list({ q })).rows.map((row) => row.id);
    for (const q of ["100%", "会_学", "习\\交"]) expect(await find(q), q).toEqual([id]);
    expect(await find("100_")).toEqual([]);
    expect(await find("会%学")).toEqual([]);
    await expect(caller.meeting.list({ from: "2026-12-01", to: "2026-11-01" })).rejects.toThrow(
      "开始日期不能晚于结束日期",
    );
    await expect(caller.meeting.list({ from: "2026-13-45" })).rejects.toThrow("不是有效的日期");
    await expect(caller.meeting.list({ size: 1_000_000 })).rejects.toThrow();
    expect((await caller.meeting.list({ orgId: made.b.id })).total).toBe(0);
  });

  it("count pages and rows alike for every phase", async () => {
    const caller = await made.world.as(made.account.admin, during);
    const all = await caller.meeting.list({ size: 100 });
    const byPhase = await Promise.all(
      (["draft", "not_started", "signing_in", "to_close", "closed", "void"] as const).map((phase) =>
        caller.meeting.list({ phase, size: 100 }),
      ),
    );
    expect(byPhase.reduce((sum, page) => sum + page.total, 0)).toBe(all.total);
    for (const page of byPhase) expect(page.rows.length).toBe(page.total);
  });

  it("show the duties that run", async () => {
    const caller = await made.world.as(made.account.admin, during);
    const tiles = await caller.meeting.duties({ orgId: made.a.id });
    expect(tiles.map(({ kind, of }) => [kind, of])).toEqual([
      ["member_meeting", 1],
      ["branch_committee_meeting", 1],
      ["group_meeting", 2],
      ["party_lesson", 1],
      ["theme_day", 1],
    ]);
    expect(tiles.find(({ kind }) => kind === "member_meeting")).toMatchObject({
      period: "2026-Q4",
      dueOn: "2026-12-31",
    });
  });
});
