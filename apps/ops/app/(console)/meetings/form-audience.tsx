"use client";

import { useQuery } from "@tanstack/react-query";
import { audiencesOf, type MeetingForm } from "@xianfeng/trpc/meeting";
import { useWords } from "@xianfeng/ui/messages";
import { Radio, Select } from "antd";
import { useTRPC } from "@/lib/trpc.tsx";
import { Asked, Section } from "./form-fields.tsx";
import { useMeetingCodes } from "./parts.tsx";
import type { Draft } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

export type PersonChoice = { personId: string; name: string; identity: string; groupName: string | null };

/** Who comes: as the kind of meeting allows. */
export function AudienceSection({
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
