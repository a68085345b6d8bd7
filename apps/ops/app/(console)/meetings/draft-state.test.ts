import type { ConflictDetail, MeetingForm } from "@xianfeng/trpc/meeting";
import { beforeEach, describe, expect, it } from "vitest";
import {
  changedFields,
  changesOf,
  chosen,
  conflicting,
  edited,
  forgetDraft,
  keepDraft,
  keptDraft,
  keptDrafts,
  openDraft,
  restored,
  saved,
} from "./draft-state.ts";

const form: MeetingForm = {
  kind: "theme_day",
  title: "11月主题党日",
  heldOn: "2026-11-27",
  startTime: "15:00",
  endTime: "16:30",
  place: "学院楼 A302",
  hostId: null,
  recorderId: null,
  audience: "all_members",
  groupId: null,
  chosenPersonIds: [],
  agenda: "",
  checkInLead: 20,
  lateAfter: 10,
  checkOutRequired: false,
  minutes: "",
};
const conflictOn = (place: string, stored: Partial<MeetingForm> = {}): ConflictDetail => ({
  version: 2,
  form: { ...form, place, ...stored },
  fields: [{ field: "place", mine: "西楼", theirs: place, base: form.place, by: "吴同志", at: new Date(0) }],
});

describe("saving while typing", () => {
  it("sends changed fields with what they started from", () => {
    const state = edited(openDraft(1, form), { place: "西楼", agenda: "一、学习" });
    expect(changesOf(state)).toEqual({
      fields: ["place", "agenda"],
      changes: { place: "西楼", agenda: "一、学习" },
      base: { place: "学院楼 A302", agenda: "" },
    });
    expect(changesOf(state, ["place"]).fields).toEqual(["agenda"]);
  });

  it("keeps what was typed while the save was under way", () => {
    const sent = { place: "西楼" };
    const typing = edited(edited(openDraft(1, form), sent), { place: "西楼 101", agenda: "一、学习" });
    const after = saved(typing, sent, { version: 2, form: { ...form, ...sent } });
    expect(after.mine).toMatchObject({ place: "西楼 101", agenda: "一、学习" });
    expect(changedFields(after).sort()).toEqual(["agenda", "place"]);
    expect(after.merged).toEqual([]);
  });

  it("shows what others changed in fields that one did not touch", () => {
    const state = edited(openDraft(1, form), { place: "西楼" });
    const after = saved(state, { place: "西楼" }, { version: 3, form: { ...form, place: "西楼", title: "新主题" } });
    expect(after.mine).toMatchObject({ place: "西楼", title: "新主题" });
    expect(after.merged).toEqual(["title"]);
    expect(changedFields(after)).toEqual([]);
  });
});

describe("two editors of one field", () => {
  const state = conflicting(
    edited(openDraft(1, form), { place: "西楼", agenda: "一、学习" }),
    conflictOn("东楼", { title: "新主题" }),
  );

  it("keep both values, send the rest, and wait", () => {
    expect(state.conflicts.map(({ field }) => field)).toEqual(["place"]);
    expect(state.mine).toMatchObject({ place: "西楼", agenda: "一、学习", title: "新主题" });
    expect(state.version).toBe(2);
    expect(changesOf(state)).toEqual({ fields: ["agenda"], changes: { agenda: "一、学习" }, base: { agenda: "" } });
  });

  it("go on with the own value, based on the other one", () => {
    const next = chosen(state, "place", "mine");
    expect(changesOf(next, ["agenda"])).toEqual({
      fields: ["place"],
      changes: { place: "西楼" },
      base: { place: "东楼" },
    });
  });

  it("go on with the other value and send nothing", () => {
    const next = chosen(state, "place", "theirs");
    expect(next.mine.place).toBe("东楼");
    expect(changedFields(next)).toEqual(["agenda"]);
  });

  it("take typing as a choice", () => {
    const next = edited(state, { place: "校档案馆" });
    expect(next.conflicts).toEqual([]);
    expect(changesOf(next, ["agenda"]).base).toEqual({ place: "东楼" });
  });

  it("stay open when the rest is saved", () => {
    const next = saved(
      state,
      { agenda: "一、学习" },
      { version: 3, form: { ...form, place: "东楼", title: "新主题", agenda: "一、学习" } },
    );
    expect(next.conflicts).toHaveLength(1);
    expect(next.merged).toEqual(["title"]);
    expect(next.mine.place).toBe("西楼");
    expect(changedFields(next)).toEqual([]);
    expect(chosen(next, "place", "mine").base.place).toBe("东楼");
  });
});

describe("what this computer keeps", () => {
  let storage: Storage;
  beforeEach(() => {
    const map = new Map<string, string>();
    // Only what a browser's storage has that the module uses: own keys are the entries.
    storage = new Proxy({} as Storage, {
      ownKeys: () => [...map.keys()],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      get: (_, name) =>
        ({
          getItem: (key: string) => map.get(key) ?? null,
          setItem: (key: string, value: string) => map.set(key, value),
          removeItem: (key: string) => map.delete(key),
        })[name as "getItem"],
    });
  });
  const kept = { id: "m1", orgId: 9, version: 1, changes: { place: "西楼" }, base: { place: "学院楼 A302" }, at: 1000 };

  it("FA31: is offered to its author and nobody else", () => {
    keepDraft(storage, "p1", kept);
    expect(keptDraft(storage, "p1", "m1")).toEqual(kept);
    expect(keptDraft(storage, "p2", "m1")).toBeNull();
    expect(keptDrafts(storage, "p2")).toEqual([]);
    forgetDraft(storage, "p1", "m1");
    expect(keptDraft(storage, "p1", "m1")).toBeNull();
  });

  it("is nothing without changes", () => {
    keepDraft(storage, "p1", kept);
    keepDraft(storage, "p1", { ...kept, changes: {} });
    expect(keptDrafts(storage, "p1")).toEqual([]);
  });

  it("comes back over what is stored, with its own base, so that the server can object", () => {
    const state = restored(openDraft(3, { ...form, place: "东楼" }), kept);
    expect(state.mine.place).toBe("西楼");
    expect(changesOf(state)).toEqual({ fields: ["place"], changes: { place: "西楼" }, base: { place: "学院楼 A302" } });
    expect(state.version).toBe(1);
    expect(restored(openDraft(3, { ...form, place: "西楼" }), kept)).toEqual(openDraft(3, { ...form, place: "西楼" }));
  });
});
