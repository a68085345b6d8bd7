"use client";

import {
  type ConflictDetail,
  fieldShapes,
  type MeetingField,
  type MeetingForm,
  timeProblems,
} from "@xianfeng/trpc/meeting";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  changedFields,
  changesOf,
  chosen,
  conflicting,
  type DraftState,
  edited,
  forgetDraft,
  keepDraft,
  keptDraft,
  openDraft,
  restored,
  saved,
} from "./draft-state.ts";

/** After typing stops. */
const idleMs = 1500;
/** Between tries when saving fails. */
const againMs = 4000;

export type SaveStatus = "fresh" | "clean" | "unsaved" | "saving" | "failed" | "refused" | "invalid" | "conflict";

type Send = {
  start: (input: { id: string; orgId: number; fields: Partial<MeetingForm> }) => Promise<{ version: number }>;
  save: (input: {
    id: string;
    version: number;
    changes: Partial<MeetingForm>;
    base: Partial<MeetingForm>;
  }) => Promise<{ version: number; form: MeetingForm }>;
};

/** Fields whose content cannot be stored, with the words for it. The same shapes as on the server. */
export function fieldProblems(form: MeetingForm): Partial<Record<MeetingField, string>> {
  const problems: Partial<Record<MeetingField, string>> = {};
  for (const [field, shape] of Object.entries(fieldShapes)) {
    const parsed = shape.safeParse(form[field as MeetingField]);
    if (!parsed.success) problems[field as MeetingField] = parsed.error.issues[0]?.message ?? "";
  }
  const timesRead =
    !problems.heldOn && !problems.startTime && !problems.endTime && !problems.checkInLead && !problems.lateAfter;
  return timesRead ? { ...timeProblems(form), ...problems } : problems;
}

const callKind = (error: unknown): string | null => {
  const data = error && typeof error === "object" && "data" in error ? error.data : null;
  const kind = data && typeof data === "object" && "kind" in data ? data.kind : null;
  return typeof kind === "string" ? kind : null;
};

const conflictOf = (error: unknown): ConflictDetail | null => {
  if (callKind(error) !== "conflict") return null;
  const { current } = (error as { data: { current: unknown } }).data;
  return current && typeof current === "object" && "fields" in current ? (current as ConflictDetail) : null;
};

/**
 * A meeting's form that saves itself when typing stops (`auto`), or when asked. Failures are loud and tried again; a session that
 * ended is renewed by the shell's dialog under the same call; what the server has not confirmed lies in this browser as well.
 */
export function useDraft(
  initial: {
    id: string;
    orgId: number;
    version: number;
    form: MeetingForm;
    principalId: string;
    auto: boolean;
    /** Typed before this page was opened, and not stored. */
    typed?: Partial<MeetingForm>;
  },
  send: Send,
) {
  const { id, orgId, principalId, auto } = initial;
  const [state, setState] = useState<DraftState>(() =>
    edited(openDraft(initial.version, initial.form), initial.typed ?? {}),
  );
  const [phase, setPhase] = useState<"idle" | "saving" | "failed" | "refused">("idle");
  const [problem, setProblem] = useState<unknown>(null);
  const [savedAt, setSavedAt] = useState<Date | null>(null);
  const [restoredAt, setRestoredAt] = useState<Date | null>(null);
  const opened = useRef(state);
  const now = useRef(state);
  const running = useRef<Promise<boolean> | null>(null);
  const change = useCallback((next: (state: DraftState) => DraftState) => {
    now.current = next(now.current);
    setState(now.current);
  }, []);

  const problems = useMemo(() => fieldProblems(state.mine), [state.mine]);
  const changed = changedFields(state);
  const sendable = changed.some((field) => !problems[field]) || state.version === 0;

  /** One save at a time. @returns whether everything that could be sent is stored */
  const flush = useCallback(async (): Promise<boolean> => {
    while (running.current) await running.current;
    const work = async (): Promise<boolean> => {
      const before = now.current;
      const bad = Object.keys(fieldProblems(before.mine)) as MeetingField[];
      // Times are one thing: with one of them wrong none is sent.
      const times: MeetingField[] = ["heldOn", "startTime", "endTime", "checkInLead", "lateAfter"];
      const without = bad.some((field) => times.includes(field)) ? [...bad, ...times] : bad;
      const out = changesOf(before, without);
      if (out.fields.length === 0 && before.version > 0) return without.length === 0;
      setPhase("saving");
      try {
        if (before.version === 0) {
          const fields = Object.fromEntries(
            Object.entries(before.mine).filter(
              ([field]) => !without.includes(field as MeetingField) && field !== "minutes",
            ),
          ) as Partial<MeetingForm>;
          const { version } = await send.start({ id, orgId, fields });
          change((current) => saved(current, fields, { version, form: { ...before.mine, ...fields } }));
        } else {
          const answer = await send.save({ id, version: before.version, changes: out.changes, base: out.base });
          change((current) => saved(current, out.changes, answer));
        }
        setSavedAt(new Date());
        setPhase("idle");
        setProblem(null);
        return true;
      } catch (error) {
        const conflict = conflictOf(error);
        setProblem(error);
        if (conflict) {
          change((current) => conflicting(current, conflict));
          setPhase("idle");
        } else
          setPhase(
            callKind(error) && callKind(error) !== "unexpected" && callKind(error) !== "unavailable"
              ? "refused"
              : "failed",
          );
        return false;
      }
    };
    running.current = work().finally(() => {
      running.current = null;
    });
    return running.current;
  }, [id, orgId, send, change]);

  // Typing stopped, or a failure is due for another try.
  useEffect(() => {
    if (!auto || changed.length === 0 || !sendable || phase === "saving" || phase === "refused") return;
    const timer = setTimeout(() => void flush(), phase === "failed" ? againMs : idleMs);
    return () => clearTimeout(timer);
  }, [auto, changed, sendable, phase, flush]);

  // What a closed browser left behind comes back, to its author only.
  useEffect(() => {
    const kept = keptDraft(window.localStorage, principalId, id);
    if (!kept || kept.version === 0) return;
    const before = now.current;
    change((current) => restored(current, kept));
    if (now.current !== before) setRestoredAt(new Date(kept.at));
  }, [principalId, id, change]);

  // Until the server confirms it, the text also lies here; with everything confirmed, nothing does.
  useEffect(() => {
    if (state === opened.current) return;
    const { changes, base } = changesOf(state);
    const waiting = Object.fromEntries(state.conflicts.map(({ field }) => [field, state.mine[field]]));
    const waitingBase = Object.fromEntries(state.conflicts.map(({ field, base: from }) => [field, from]));
    keepDraft(window.localStorage, principalId, {
      id,
      orgId,
      version: state.version,
      changes: { ...changes, ...waiting } as Partial<MeetingForm>,
      base: { ...base, ...waitingBase } as Partial<MeetingForm>,
      at: Date.now(),
    });
  }, [state, id, orgId, principalId]);

  // Leaving is only worth a question while something is not stored.
  const unsafe = changed.length > 0 || state.conflicts.length > 0;
  useEffect(() => {
    if (!unsafe) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsafe]);

  const status: SaveStatus =
    phase === "saving" || phase === "failed" || phase === "refused"
      ? phase
      : state.conflicts.length > 0
        ? "conflict"
        : changed.some((field) => problems[field])
          ? "invalid"
          : state.version === 0
            ? "fresh"
            : changed.length > 0
              ? "unsaved"
              : "clean";
  return {
    id,
    orgId,
    version: state.version,
    form: state.mine,
    base: state.base,
    conflicts: state.conflicts,
    merged: state.merged,
    changed,
    problems,
    problem,
    status,
    savedAt,
    restoredAt,
    edit: (fields: Partial<MeetingForm>) => {
      // A refusal was about what stood there; something else stands there now.
      setPhase((current) => (current === "refused" ? "idle" : current));
      change((current) => edited(current, fields));
    },
    choose: (field: MeetingField, side: "mine" | "theirs") => change((current) => chosen(current, field, side)),
    flush,
    /** The version after the last `flush`, which the page has not drawn yet. */
    latestVersion: () => now.current.version,
    forget: () => forgetDraft(window.localStorage, principalId, id),
  };
}

export type Draft = ReturnType<typeof useDraft>;
