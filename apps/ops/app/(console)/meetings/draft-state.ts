import {
  type ConflictDetail,
  type FieldConflict,
  type MeetingField,
  type MeetingForm,
  meetingFields,
} from "@xianfeng/trpc/meeting";

/**
 * A form that is saved while it is typed and that somebody else may have open too. Pure: what goes out and what comes back is
 * decided here, sending and drawing elsewhere. Nobody's text is lost in any step.
 */
export type DraftState = {
  /** 0 before the server knows the meeting. */
  version: number;
  /** What the server had when this page last heard from it. */
  base: MeetingForm;
  /** What the reader sees and types. */
  mine: MeetingForm;
  /** Fields that both changed; they wait for a choice and are not sent. */
  conflicts: FieldConflict[];
  /** Fields of others that were merged into this page since it was opened. */
  merged: MeetingField[];
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

export const openDraft = (version: number, form: MeetingForm): DraftState => ({
  version,
  base: form,
  mine: form,
  conflicts: [],
  merged: [],
});

/** Changes without conflict, ready to be sent. */
export function changedFields(state: DraftState): MeetingField[] {
  const waiting = new Set(state.conflicts.map(({ field }) => field));
  return meetingFields.filter((field) => !waiting.has(field) && !same(state.mine[field], state.base[field]));
}

/** What to send: the changed values and, for each, the value they started from. Fields in `without` stay behind. */
export function changesOf(state: DraftState, without: readonly MeetingField[] = []) {
  const fields = changedFields(state).filter((field) => !without.includes(field));
  return { fields, changes: pick(state.mine, fields), base: pick(state.base, fields) };
}

const pick = (form: MeetingForm, fields: readonly MeetingField[]): Partial<MeetingForm> =>
  Object.fromEntries(fields.map((field) => [field, form[field]]));

/** The reader types. In a field that waits for a choice, typing is the choice of one's own. */
export function edited(state: DraftState, change: Partial<MeetingForm>): DraftState {
  const mine = { ...state.mine, ...change };
  return state.conflicts
    .filter(({ field }) => field in change)
    .reduce((next, { field }) => chosen(next, field, "mine"), { ...state, mine });
}

/** The answer to a save: own values stay as they are on the page now, others' changes appear beside them. */
export function saved(
  state: DraftState,
  sent: Partial<MeetingForm>,
  answer: { version: number; form: MeetingForm },
): DraftState {
  const waiting = new Set(state.conflicts.map(({ field }) => field));
  const foreign = meetingFields.filter(
    (field) => !(field in sent) && !waiting.has(field) && !same(answer.form[field], state.base[field]),
  );
  return {
    ...state,
    version: answer.version,
    base: answer.form,
    mine: withOwn(state, answer.form, sent),
    merged: [...new Set([...state.merged, ...foreign])],
  };
}

/** The stored form with everything that the reader typed since `base`; what was sent counts as typed even if it was mended. */
function withOwn(state: DraftState, stored: MeetingForm, sent: Partial<MeetingForm>): MeetingForm {
  const own = meetingFields.filter((field) =>
    field in sent ? !same(state.mine[field], sent[field]) : !same(state.mine[field], state.base[field]),
  );
  return { ...stored, ...pick(state.mine, own) };
}

/** A refusal because both changed a field: those fields wait, everything else goes on from what is stored. */
export function conflicting(state: DraftState, detail: ConflictDetail): DraftState {
  const waiting = new Map([...state.conflicts, ...detail.fields].map((conflict) => [conflict.field, conflict]));
  const foreign = meetingFields.filter(
    (field) =>
      !waiting.has(field) && !same(detail.form[field], state.base[field]) && same(state.mine[field], state.base[field]),
  );
  const own = meetingFields.filter((field) => !same(state.mine[field], state.base[field]));
  return {
    version: detail.version,
    base: { ...detail.form, ...pick(state.base, [...waiting.keys()]) },
    mine: { ...detail.form, ...pick(state.mine, [...waiting.keys(), ...own]) },
    conflicts: [...waiting.values()],
    merged: [...new Set([...state.merged, ...foreign])],
  };
}

/** The reader chose between the two values of a field. */
export function chosen(state: DraftState, field: MeetingField, side: "mine" | "theirs"): DraftState {
  const conflict = state.conflicts.find((each) => each.field === field);
  if (!conflict) return state;
  const theirs = { [field]: conflict.theirs } as Partial<MeetingForm>;
  return {
    ...state,
    base: { ...state.base, ...theirs },
    mine: side === "theirs" ? { ...state.mine, ...theirs } : state.mine,
    conflicts: state.conflicts.filter((each) => each.field !== field),
  };
}

/** What is kept on this computer while the server has not confirmed it. */
export type KeptDraft = {
  id: string;
  orgId: number;
  version: number;
  changes: Partial<MeetingForm>;
  base: Partial<MeetingForm>;
  /** Milliseconds since 1970. */
  at: number;
};

/** Brings kept text back over a freshly loaded form. Its own base stays, so that the server still notices what others did meanwhile. */
export function restored(state: DraftState, kept: KeptDraft): DraftState {
  const fields = meetingFields.filter(
    (field) => field in kept.changes && !same(kept.changes[field], state.base[field]),
  );
  if (fields.length === 0) return state;
  return {
    ...state,
    version: kept.version === 0 ? state.version : Math.min(kept.version, state.version),
    base: { ...state.base, ...pick(kept.base as MeetingForm, fields) },
    mine: { ...state.mine, ...pick(kept.changes as MeetingForm, fields) },
  };
}

const prefix = (principalId: string) => `xianfeng-draft:${principalId}:`;

/** The drafts of one account on this computer; another account does not see them (FA31). */
export function keptDrafts(storage: Storage, principalId: string): KeptDraft[] {
  return Object.keys(storage)
    .filter((key) => key.startsWith(prefix(principalId)))
    .flatMap((key) => {
      try {
        return [JSON.parse(storage.getItem(key) ?? "") as KeptDraft];
      } catch {
        storage.removeItem(key);
        return [];
      }
    });
}

export const keptDraft = (storage: Storage, principalId: string, id: string): KeptDraft | null =>
  keptDrafts(storage, principalId).find((kept) => kept.id === id) ?? null;

/** Without changes there is nothing to keep. A full or forbidden storage is not an error: the server has the draft. */
export function keepDraft(storage: Storage, principalId: string, kept: KeptDraft): void {
  try {
    if (Object.keys(kept.changes).length === 0) forgetDraft(storage, principalId, kept.id);
    else storage.setItem(prefix(principalId) + kept.id, JSON.stringify(kept));
  } catch {
    // The page goes on; only a crash within the next two seconds would lose text.
  }
}

export const forgetDraft = (storage: Storage, principalId: string, id: string): void =>
  storage.removeItem(prefix(principalId) + id);
