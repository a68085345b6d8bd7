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
import { Checkbox, DatePicker, Input, Segmented, Select } from "antd";
import dayjs from "dayjs";
import Link from "next/link";
import { useEffect, useMemo, useState } from "react";
import { useTRPC } from "@/lib/trpc.tsx";
import { AudienceSection, type PersonChoice } from "./form-audience.tsx";
import { AudienceCard, RulesCard } from "./form-cards.tsx";
import { Asked, BroughtIn, ClockField, Minutes, Section, type Sources } from "./form-fields.tsx";
import { DraftFoot, PublishedFoot } from "./form-foot.tsx";
import { useMeetingCodes } from "./parts.tsx";
import { Conflicts, SaveState } from "./save-state.tsx";
import { type Draft, useDraft } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

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
