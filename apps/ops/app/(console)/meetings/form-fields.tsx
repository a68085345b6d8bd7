"use client";

import type { MeetingField } from "@xianfeng/trpc/meeting";
import { useWords } from "@xianfeng/ui/messages";
import { InputNumber, TimePicker } from "antd";
import dayjs from "dayjs";
import { type ReactNode, useId, useState } from "react";
import { useMeetingCodes } from "./parts.tsx";
import type { Draft } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

/** Where a brought-in value comes from, by field. */
export type Sources = Partial<Record<MeetingField, string>>;

export const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset className="mt-section">
    <legend>{title}</legend>
    {children}
  </fieldset>
);

/** A field that is really asked: label above, hint below, an error in its place. */
export function Asked({
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

export type Wide = { draft: Draft; sources: Sources; can: (field: MeetingField) => boolean };

/** A value the system knew: grey, with its source, until somebody wants to change it. */
export function BroughtIn({
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

export function ClockField({ draft, can, field }: Wide & { field: "startTime" | "endTime" }) {
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

export function Minutes({
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
