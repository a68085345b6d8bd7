"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { dayAt, timeAt } from "@xianfeng/trpc/calendar";
import { Icon } from "@xianfeng/ui/icon";
import { instantText, shortDay, useLanguage, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { Label, Panel } from "@/components/panel.tsx";
import { Failed, Loading } from "@/components/states.tsx";
import { useMay, useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { AttendanceTable } from "./attendance-table.tsx";
import { CodeCard } from "./code-card.tsx";
import { MeetingActions } from "./meeting-actions.tsx";
import { MinutesPanel } from "./minutes-panel.tsx";
import { PhaseMark, useMeetingCodes } from "./parts.tsx";
import { spanText } from "./time.ts";
import { TrailPanel } from "./trail-panel.tsx";
import { meetingPageWords } from "./words.ts";

export type Detail = NonNullable<ReturnType<typeof useDetail>["data"]>;

function useDetail(id: string) {
  return useQuery({
    ...useTRPC().meeting.get.queryOptions({ id }),
    // While people come in the figures move; otherwise only the phase may.
    refetchInterval: (query) => (query.state.data?.phase === "signing_in" ? 5_000 : 30_000),
  });
}

/** Everything of one meeting, in the order in which people use it. */
export function MeetingDetail({ id, principalId }: { id: string; principalId: string }) {
  const words = useWords(meetingPageWords);
  const codes = useMeetingCodes();
  const today = useToday();
  const detail = useDetail(id);
  const client = useQueryClient();
  const mayEdit = useMay("meeting.edit");
  if (!detail.data)
    return (
      <section className="panel">
        {detail.error ? (
          <Failed what={words.detail.info} error={detail.error} onRetry={() => detail.refetch()} />
        ) : (
          <Loading rows={8} />
        )}
      </section>
    );
  const meeting = detail.data;
  const refresh = () => client.invalidateQueries();
  return (
    <>
      <p className="mt-crumb">
        <Link href="/meetings">{words.crumb}</Link> / {codes.kind[meeting.form.kind]}
      </p>
      <div className="mt-head">
        <div>
          <h1>{meeting.form.title || words.untitled}</h1>
          <p className="mt-sub">
            <Label>{codes.kind[meeting.form.kind]}</Label>
            <PhaseMark phase={meeting.phase} />
            {mayEdit ? null : <span>{meeting.orgName}</span>}
          </p>
        </div>
        <MeetingActions meeting={meeting} refresh={refresh} />
      </div>
      {meeting.voidedAt ? (
        <p className="mt-note mt-note-err" role="status">
          <Icon name="info" />
          {words.detail.voided(instantText(meeting.voidedAt, today), meeting.voidReason ?? "—")}
        </p>
      ) : null}
      <Steps meeting={meeting} />
      <div className="mt-lay">
        <div className="mt-column">
          <InfoPanel meeting={meeting} />
          <AgendaPanel agenda={meeting.form.agenda} />
          {meeting.state === "draft" ? (
            <p className="mt-note">
              <Icon name="info" />
              {words.detail.draftNote}
            </p>
          ) : (
            <AttendanceTable meeting={meeting} refresh={refresh} />
          )}
          {meeting.state === "draft" ? null : <MinutesPanel meeting={meeting} principalId={principalId} />}
        </div>
        <div className="mt-column">
          {meeting.state === "published" && meeting.mayRecord ? <CodeCard meeting={meeting} /> : null}
          <QuorumPanel meeting={meeting} />
          <TrailPanel id={id} />
        </div>
      </div>
    </>
  );
}

/** Four steps with their dates; one is now. */
function Steps({ meeting }: { meeting: Detail }) {
  const words = useWords(meetingPageWords).detail;
  const today = useToday();
  if (meeting.state === "void") return null;
  const current =
    { draft: 0, published: meeting.phase === "not_started" ? 1 : 2, closed: 3 }[meeting.state as "draft"] ?? 0;
  const when = [
    "",
    meeting.publishedAt ? shortDay(dayAt(meeting.publishedAt)) : "",
    `${dayAt(meeting.startsAt) === today ? words.stepToday : shortDay(dayAt(meeting.startsAt))} ${timeAt(meeting.checkInOpensAt)}`,
    meeting.closedAt ? instantText(meeting.closedAt, today) : "",
  ];
  return (
    <ol className="mt-steps">
      {words.steps.map((step, at) => (
        <li
          key={step}
          className={at < current || meeting.state === "closed" ? "mt-step-done" : at === current ? "mt-step-now" : ""}
          aria-current={at === current ? "step" : undefined}
        >
          <i>{at < current || meeting.state === "closed" ? <Icon name="check" size={13} /> : at + 1}</i>
          {step}
          {when[at] ? <small>{when[at]}</small> : null}
        </li>
      ))}
    </ol>
  );
}

function InfoPanel({ meeting }: { meeting: Detail }) {
  const words = useWords(meetingPageWords).detail;
  const codes = useMeetingCodes();
  const language = useLanguage();
  const facts: [string, string][] = [
    [words.time, spanText(meeting.startsAt, meeting.endsAt, language)],
    [words.place, meeting.form.place || "—"],
    [words.host, meeting.hostName ?? "—"],
    [words.recorder, meeting.recorderName ?? "—"],
    [
      words.audience,
      meeting.form.audience === "group" && meeting.groupName
        ? meeting.groupName
        : codes.audience[meeting.form.audience],
    ],
    [words.signIn, words.signInRule(timeAt(meeting.checkInOpensAt), timeAt(meeting.lateAfterAt))],
  ];
  return (
    <Panel
      title={words.info}
      {...(meeting.form.checkOutRequired ? { extra: <Label tone="act">{words.signOut}</Label> } : {})}
    >
      <dl className="mt-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function AgendaPanel({ agenda }: { agenda: string }) {
  const words = useWords(meetingPageWords).detail;
  const items = agenda
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (items.length === 0) return null;
  return (
    <Panel title={words.agenda} hint={words.items(items.length)}>
      <ol className="mt-agenda">
        {items.map((item, at) => (
          <li key={at}>{item}</li>
        ))}
      </ol>
    </Panel>
  );
}

/** Whether the meeting may decide: present with the vote against what is needed, each with its matter. */
function QuorumPanel({ meeting }: { meeting: Detail }) {
  const words = useWords(meetingPageWords).detail;
  if (
    meeting.state === "draft" ||
    meeting.state === "void" ||
    meeting.quorums.length === 0 ||
    meeting.phase === "not_started"
  )
    return null;
  return (
    <section className="panel">
      <ul className="mt-quorum">
        {meeting.quorums.map((quorum) => {
          const matter = words.quorum[quorum.kind] ?? quorum.kind;
          const text = quorum.met ? words.quorumMet : words.quorumMissing;
          return (
            <li key={quorum.kind} className={quorum.met ? "mt-rule-ok" : "mt-rule-warn"}>
              <Icon name={quorum.met ? "check" : "warning"} />
              {text(matter, meeting.counts.votersPresent, quorum.needed)}
            </li>
          );
        })}
        <li className="mt-hint">{words.quorumClause}</li>
      </ul>
    </section>
  );
}
