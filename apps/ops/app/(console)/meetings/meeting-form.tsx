"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { timeAt } from "@xianfeng/trpc/calendar";
import {
  audiencesOf,
  type MeetingField,
  type MeetingForm,
  type MeetingKind,
  meetingKinds,
} from "@xianfeng/trpc/meeting";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { App, Button, Checkbox, DatePicker, Input, InputNumber, Radio, Segmented, Select, TimePicker } from "antd";
import dayjs from "dayjs";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useId, useMemo, useState } from "react";
import { useTRPC } from "@/lib/trpc.tsx";
import { AudienceCard, RulesCard } from "./form-cards.tsx";
import { useCallWords, useMeetingCodes } from "./parts.tsx";
import { Conflicts, SaveState } from "./save-state.tsx";
import { type Draft, useDraft } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

type Sources = Partial<Record<MeetingField, string>>;
export type FormStart = {
  id: string;
  orgId: number;
  orgName: string;
  version: number;
  form: MeetingForm;
  sources: Sources;
  /** Draft: saves itself. Published: time and place are saved on purpose, because everybody is told. */
  state: "draft" | "published";
  changeable: readonly MeetingField[];
  principalId: string;
  typed?: Partial<MeetingForm>;
};

/** New and edited meetings. One column of fields, beside it who will come and what the rules say. */
export function MeetingFormPage({ start, branches }: { start: FormStart; branches?: { id: number; name: string }[] }) {
  const words = useWords(meetingPageWords);
  const codes = useMeetingCodes();
  const trpc = useTRPC();
  const create = useMutation({ ...trpc.meeting.start.mutationOptions(), networkMode: "always" });
  const save = useMutation({ ...trpc.meeting.save.mutationOptions(), networkMode: "always" });
  const send = useMemo(
    () => ({ start: create.mutateAsync, save: save.mutateAsync }),
    [create.mutateAsync, save.mutateAsync],
  );
  const isDraft = start.state === "draft";
  const draft = useDraft({ ...start, auto: isDraft }, send);
  const { form, edit } = draft;
  const [sources, setSources] = useState(start.sources);
  const people = usePeople(start.orgId, draft);
  const names = useMemo(() => new Map(people.map((person) => [person.personId, person.name])), [people]);
  useKeptAddress(draft, start.version);
  useSaveKey(draft);
  const bringIn = useBringIn(draft, sources, setSources);
  const can = (field: MeetingField) => start.changeable.includes(field);
  const title = form.title || (start.version === 0 ? words.form.newTitle(codes.kind[form.kind]) : words.untitled);
  const wide = { draft, sources, can };
  return (
    <>
      <p className="mt-crumb">
        <Link href="/meetings">{words.crumb}</Link> / {start.version === 0 ? words.form.crumbNew : words.form.crumbEdit}
      </p>
      <div className="mt-head">
        <h1>{isDraft ? title : words.form.editTitle}</h1>
        <div className="mt-head-acts">
          <SaveState draft={draft} {...(isDraft ? { hint: words.form.draftOnly } : {})} />
        </div>
      </div>
      <Notices draft={draft} frozen={!isDraft} />
      <Conflicts draft={draft} show={(field, value) => shown(field, value, names, codes)} />
      <div className="mt-form">
        <section className="panel">
          <Section title={words.form.section.meeting}>
            {branches && branches.length > 1 && draft.version === 0 ? (
              <Asked label={words.form.org}>
                {(id) => (
                  <Select
                    id={id}
                    value={start.orgId}
                    onChange={(orgId) => window.location.assign(`/meetings/new?org=${orgId}`)}
                    options={branches.map((branch) => ({ value: branch.id, label: branch.name }))}
                  />
                )}
              </Asked>
            ) : null}
            <Asked label={codes.field.kind}>
              {(id) =>
                can("kind") ? (
                  <Segmented<MeetingKind>
                    id={id}
                    block
                    value={form.kind}
                    onChange={(kind) => bringIn(kind)}
                    options={meetingKinds.map((kind) => ({ value: kind, label: codes.kind[kind] }))}
                  />
                ) : (
                  <div className="mt-box">{codes.kind[form.kind]}</div>
                )
              }
            </Asked>
            <Asked label={codes.field.title} required hint={words.form.titleHint} problem={draft.problems.title}>
              {(id) => (
                <Input
                  id={id}
                  value={form.title}
                  disabled={!can("title")}
                  onChange={(event) => edit({ title: event.target.value })}
                />
              )}
            </Asked>
            <div className="mt-three">
              <Asked label={codes.field.heldOn} required problem={draft.problems.heldOn}>
                {(id) => (
                  <DatePicker
                    id={id}
                    value={dayjs(form.heldOn)}
                    allowClear={false}
                    format="YYYY年M月D日 ddd"
                    disabled={!can("heldOn")}
                    onChange={(day) => day && edit({ heldOn: day.format("YYYY-MM-DD") })}
                  />
                )}
              </Asked>
              <ClockField {...wide} field="startTime" />
              <ClockField {...wide} field="endTime" />
            </div>
            <BroughtIn {...wide} field="place" text={form.place} required>
              {(id) => (
                <Input
                  id={id}
                  value={form.place}
                  placeholder={words.form.placeHint}
                  disabled={!can("place")}
                  onChange={(event) => edit({ place: event.target.value })}
                />
              )}
            </BroughtIn>
            <div className="mt-two">
              {(["hostId", "recorderId"] as const).map((field) => (
                <BroughtIn key={field} {...wide} field={field} text={nameOf(form[field], names)}>
                  {(id) => (
                    <Select
                      id={id}
                      showSearch={{ optionFilterProp: "label" }}
                      allowClear
                      placeholder={words.form.pickPerson}
                      value={form[field] ?? undefined}
                      disabled={!can(field)}
                      onChange={(value) => edit({ [field]: value ?? null })}
                      options={people.map((person) => ({ value: person.personId, label: person.name }))}
                    />
                  )}
                </BroughtIn>
              ))}
            </div>
          </Section>
          <AudienceSection draft={draft} can={can("audience")} people={people} orgId={start.orgId} />
          <Section title={words.form.section.agenda}>
            <Asked label={codes.field.agenda} hint={words.form.agendaHint} problem={draft.problems.agenda}>
              {(id) => (
                <Input.TextArea
                  id={id}
                  autoSize={{ minRows: 4, maxRows: 16 }}
                  value={form.agenda}
                  disabled={!can("agenda")}
                  onChange={(event) => edit({ agenda: event.target.value })}
                />
              )}
            </Asked>
          </Section>
          <Section title={words.form.section.signIn}>
            <div className="mt-two">
              <Minutes {...wide} field="checkInLead" before={words.form.leadBefore} after={words.form.leadAfter} />
              <Minutes {...wide} field="lateAfter" before={words.form.lateBefore} after={words.form.lateAfter} />
            </div>
            <Checkbox
              checked={form.checkOutRequired}
              disabled={!can("checkOutRequired")}
              onChange={(event) => edit({ checkOutRequired: event.target.checked })}
            >
              {words.form.checkOut}
            </Checkbox>
            <p className="mt-hint mt-under">{words.form.checkOutHint}</p>
            <p className="mt-hint mt-under">{words.form.notice}</p>
          </Section>
        </section>
        {isDraft ? (
          <aside className="mt-side">
            <AudienceCard draft={draft} />
            <RulesCard draft={draft} />
          </aside>
        ) : null}
      </div>
      {isDraft ? <DraftFoot draft={draft} sources={sources} /> : <PublishedFoot draft={draft} />}
    </>
  );
}

export type PersonChoice = { personId: string; name: string; identity: string; groupName: string | null };

function usePeople(orgId: number, draft: Draft): PersonChoice[] {
  const day = draft.problems.heldOn ? draft.base.heldOn : draft.form.heldOn;
  const found = useQuery({
    ...useTRPC().meeting.people.queryOptions({ orgId, day }),
    placeholderData: (before) => before,
  });
  return found.data?.people ?? [];
}

const nameOf = (id: string | null, names: Map<string, string>): string => (id ? (names.get(id) ?? "…") : "");

/** A value in words, for the comparison of two editors. */
function shown(
  field: MeetingField,
  value: unknown,
  names: Map<string, string>,
  codes: ReturnType<typeof useMeetingCodes>,
): string {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return "—";
  if (field === "kind") return codes.kind[value as MeetingForm["kind"]] ?? String(value);
  if (field === "audience") return codes.audience[value as MeetingForm["audience"]] ?? String(value);
  if (field === "hostId" || field === "recorderId") return names.get(String(value)) ?? "…";
  if (Array.isArray(value)) return value.map((id) => names.get(String(id)) ?? "…").join("、");
  if (typeof value === "boolean") return value ? "✓" : "—";
  return String(value);
}

/** Once the server has the draft, reload and bookmark lead to it. */
function useKeptAddress(draft: Draft, startVersion: number): void {
  const stored = draft.version > 0;
  useEffect(() => {
    if (startVersion === 0 && stored) window.history.replaceState(null, "", `/meetings/${draft.id}/edit`);
  }, [startVersion, stored, draft.id]);
}

function useSaveKey(draft: Draft): void {
  const { flush } = draft;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
      event.preventDefault();
      void flush();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [flush]);
}

/** Another kind brings in its own place, times and people, over what nobody has typed. */
function useBringIn(draft: Draft, sources: Sources, setSources: (sources: Sources) => void) {
  const trpc = useTRPC();
  const client = useQueryClient();
  return async (kind: MeetingKind) => {
    const audience = audiencesOf[kind][0] ?? "all_members";
    draft.edit({ kind, audience, groupId: null });
    try {
      const brought = await client.fetchQuery(trpc.meeting.broughtIn.queryOptions({ orgId: draft.orgId, kind }));
      const fields: MeetingField[] = [
        "place",
        "startTime",
        "endTime",
        "heldOn",
        "hostId",
        "recorderId",
        "checkInLead",
        "lateAfter",
      ];
      const untouched = fields.filter(
        (field) =>
          sources[field] !== undefined || draft.form[field] === "" || draft.form[field] === null || draft.version === 0,
      );
      draft.edit(Object.fromEntries(untouched.map((field) => [field, brought.fields[field]])));
      setSources({ ...brought.sources });
    } catch {
      // What stands in the form stays; nothing was brought in.
    }
  };
}

function Notices({ draft, frozen }: { draft: Draft; frozen: boolean }) {
  const words = useWords(meetingPageWords).form;
  const codes = useMeetingCodes();
  const lines = [
    frozen ? words.frozen : null,
    draft.restoredAt ? words.restored(timeAt(draft.restoredAt)) : null,
    draft.merged.length > 0 ? words.othersChanged(draft.merged.map((field) => codes.field[field]).join("、")) : null,
  ].filter((line) => line !== null);
  return lines.map((line) => (
    <p className="mt-note" key={line} role="status">
      <Icon name="info" />
      {line}
    </p>
  ));
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset className="mt-section">
    <legend>{title}</legend>
    {children}
  </fieldset>
);

/** A field that is really asked: label above, hint below, an error in its place. */
function Asked({
  label,
  required,
  hint,
  problem,
  children,
}: {
  label: ReactNode;
  required?: boolean;
  hint?: string;
  problem?: string | undefined;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={problem ? "mt-field mt-field-bad" : "mt-field"}>
      <label htmlFor={id}>
        {label}
        {required ? <i aria-hidden="true"> *</i> : null}
      </label>
      {children(id)}
      {problem ? (
        <p className="mt-bad" role="alert">
          {problem}
        </p>
      ) : hint ? (
        <p className="mt-hint">{hint}</p>
      ) : null}
    </div>
  );
}

type Wide = { draft: Draft; sources: Sources; can: (field: MeetingField) => boolean };

/** A value the system knew: grey, with its source, until somebody wants to change it. */
function BroughtIn({
  draft,
  sources,
  can,
  field,
  text,
  required,
  children,
}: Wide & { field: MeetingField; text: string; required?: boolean; children: (id: string) => ReactNode }) {
  const words = useWords(meetingPageWords).form;
  const codes = useMeetingCodes();
  const [open, setOpen] = useState(false);
  const source = sources[field];
  const closed = source !== undefined && !open && text !== "" && !draft.problems[field];
  return (
    <Asked
      label={
        <>
          {codes.field[field]}
          {closed ? <span className="mt-brought">{words.broughtIn}</span> : null}
        </>
      }
      required={required && !closed}
      problem={draft.problems[field]}
    >
      {(id) =>
        closed ? (
          <div className="mt-box" id={id}>
            {text}
            <span>
              {source}
              {can(field) ? (
                <button type="button" className="link-button" onClick={() => setOpen(true)}>
                  {words.change}
                </button>
              ) : null}
            </span>
          </div>
        ) : (
          children(id)
        )
      }
    </Asked>
  );
}

function ClockField({ draft, can, field }: Wide & { field: "startTime" | "endTime" }) {
  const codes = useMeetingCodes();
  const value = draft.form[field];
  return (
    <Asked label={codes.field[field]} required problem={draft.problems[field]}>
      {(id) => (
        <TimePicker
          id={id}
          value={dayjs(`2026-01-01T${value}`)}
          format="HH:mm"
          minuteStep={5}
          allowClear={false}
          needConfirm={false}
          disabled={!can(field)}
          onChange={(time) => time && draft.edit({ [field]: time.format("HH:mm") })}
        />
      )}
    </Asked>
  );
}

function Minutes({
  draft,
  can,
  field,
  before,
  after,
}: Wide & { field: "checkInLead" | "lateAfter"; before: string; after: string }) {
  const codes = useMeetingCodes();
  return (
    <Asked label={codes.field[field]} problem={draft.problems[field]}>
      {(id) => (
        <div className="mt-minutes">
          {before}
          <InputNumber
            id={id}
            min={0}
            max={120}
            precision={0}
            value={draft.form[field]}
            disabled={!can(field)}
            onChange={(value) => typeof value === "number" && draft.edit({ [field]: value })}
          />
          {after}
        </div>
      )}
    </Asked>
  );
}

function AudienceSection({
  draft,
  can,
  people,
  orgId,
}: {
  draft: Draft;
  can: boolean;
  people: PersonChoice[];
  orgId: number;
}) {
  const words = useWords(meetingPageWords).form;
  const codes = useMeetingCodes();
  const { form, edit } = draft;
  const found = useQuery(useTRPC().meeting.people.queryOptions({ orgId, day: draft.base.heldOn }));
  const groups = found.data?.groups ?? [];
  return (
    <Section title={words.section.audience}>
      <Asked label={codes.field.audience}>
        {() => (
          <Radio.Group
            value={form.audience}
            disabled={!can}
            onChange={(event) => edit({ audience: event.target.value as MeetingForm["audience"], groupId: null })}
            options={audiencesOf[form.kind].map((audience) => ({ value: audience, label: codes.audience[audience] }))}
          />
        )}
      </Asked>
      {form.audience === "group" ? (
        <Asked label={codes.field.groupId} required>
          {(id) => (
            <Select
              id={id}
              value={form.groupId ?? undefined}
              placeholder={words.pickGroup}
              disabled={!can}
              onChange={(groupId) => edit({ groupId })}
              options={groups.map((group) => ({ value: group.id, label: group.name }))}
            />
          )}
        </Asked>
      ) : null}
      {form.audience === "chosen" ? (
        <Asked
          label={codes.field.chosenPersonIds}
          required
          hint={words.pickPeopleHint}
          problem={draft.problems.chosenPersonIds}
        >
          {(id) => (
            <Select
              id={id}
              mode="multiple"
              value={form.chosenPersonIds}
              placeholder={words.pickPeople}
              disabled={!can}
              maxTagCount={12}
              showSearch={{ optionFilterProp: "label" }}
              onChange={(ids: string[]) => edit({ chosenPersonIds: [...ids].sort() })}
              options={people.map((person) => ({
                value: person.personId,
                label: person.groupName ? `${person.name}（${person.groupName}）` : person.name,
              }))}
            />
          )}
        </Asked>
      ) : null}
    </Section>
  );
}

/** How many fields were brought in, how many are still asked, and what can be done with the draft. */
function DraftFoot({ draft, sources }: { draft: Draft; sources: Sources }) {
  const words = useWords(meetingPageWords);
  const callWords = useCallWords();
  const router = useRouter();
  const { modal, message } = App.useApp();
  const trpc = useTRPC();
  const client = useQueryClient();
  const publish = useMutation({ ...trpc.meeting.publish.mutationOptions(), networkMode: "always" });
  const remove = useMutation({ ...trpc.meeting.remove.mutationOptions(), networkMode: "always" });
  const { form } = draft;
  const missing = [
    form.title === "",
    form.place === "",
    form.audience === "group" && !form.groupId,
    form.audience === "chosen" && form.chosenPersonIds.length === 0,
  ].filter(Boolean).length;
  const preview = useQuery({
    ...trpc.meeting.preview.queryOptions({ id: draft.id, orgId: draft.orgId, fields: form }),
    enabled: false,
  });
  const stuck = Object.keys(draft.problems).length > 0 || draft.conflicts.length > 0;
  const blocked = missing > 0 || stuck || preview.data?.checks.some(({ level }) => level === "block") === true;

  async function doPublish() {
    if (!(await draft.flush())) return;
    const { expected, checks } = await client.fetchQuery(
      trpc.meeting.preview.queryOptions({ id: draft.id, orgId: draft.orgId, fields: draft.form }),
    );
    const people = expected.filter(({ counted }) => counted).length;
    const past = checks.some(({ id }) => id === "past");
    modal.confirm({
      title: words.dialog.publishTitle,
      content: past ? words.dialog.publishPast : words.dialog.publishText(people, expected.length - people),
      okText: words.dialog.publishDo,
      cancelText: words.dialog.publishNot,
      icon: null,
      onOk: async () => {
        try {
          await publish.mutateAsync({ id: draft.id, version: draft.latestVersion() });
          draft.forget();
          await client.invalidateQueries();
          router.push(`/meetings/${draft.id}`);
        } catch (error) {
          message.error(callWords(error), 8);
        }
      },
    });
  }

  const doRemove = () =>
    modal.confirm({
      title: words.dialog.removeTitle,
      content: words.dialog.removeText(form.title || words.untitled),
      okText: words.dialog.removeDo,
      cancelText: words.dialog.removeNot,
      okButtonProps: { danger: true, ghost: true },
      icon: null,
      onOk: async () => {
        try {
          if (draft.version > 0) await remove.mutateAsync({ id: draft.id });
          draft.forget();
          await client.invalidateQueries();
          router.push("/meetings");
        } catch (error) {
          message.error(callWords(error), 8);
        }
      },
    });

  return (
    <footer className="mt-foot">
      <p>
        <span>{words.form.brought(Object.keys(sources).length)}</span>
        <span>{words.form.todo(missing)}</span>
        <span className="mt-quiet">{words.form.saveKey}</span>
      </p>
      <Button type="link" onClick={doRemove}>
        {words.form.remove}
      </Button>
      <Button onClick={() => draft.flush()} loading={draft.status === "saving"}>
        {words.form.saveDraft}
      </Button>
      <Button type="primary" disabled={blocked} onClick={doPublish}>
        {words.form.publish}
      </Button>
    </footer>
  );
}

/** A published meeting is saved on purpose: everybody on the list gets a message. */
function PublishedFoot({ draft }: { draft: Draft }) {
  const words = useWords(meetingPageWords).form;
  const router = useRouter();
  const client = useQueryClient();
  const stuck = draft.conflicts.length > 0 || draft.changed.length === 0 || draft.status === "invalid";
  return (
    <footer className="mt-foot">
      <p />
      <Link className="mt-plain" href={`/meetings/${draft.id}`}>
        {words.leave}
      </Link>
      <Button
        type="primary"
        disabled={stuck}
        loading={draft.status === "saving"}
        onClick={async () => {
          if (!(await draft.flush())) return;
          await client.invalidateQueries();
          router.push(`/meetings/${draft.id}`);
        }}
      >
        {words.saveAndTell}
      </Button>
    </footer>
  );
}
