"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { timeAt } from "@xianfeng/trpc/calendar";
import { longestReason, meetingWords } from "@xianfeng/trpc/meeting";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, useLanguage, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { useState } from "react";
import { spanText } from "@/app/(console)/meetings/time.ts";
import { domainOf } from "@/components/states.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { Bar, Offline, PhoneFailed, Pin, Rows } from "../../parts.tsx";
import { useStateText } from "../../state-text.ts";
import { phoneWords } from "../../words.ts";

/** One meeting of one's own: when, where, how one stands, and leave. */
export function PhoneMeeting({ id, leaveFirst }: { id: string; leaveFirst: boolean }) {
  const all = useWords(phoneWords);
  const words = all.meeting;
  const identity = useWords(domainWords).identity;
  const language = useLanguage();
  const codes = meetingWords[language];
  const stateText = useStateText();
  const trpc = useTRPC();
  const client = useQueryClient();
  const found = useQuery({ ...trpc.myMeeting.get.queryOptions({ id }), refetchInterval: 30_000 });
  const [asking, setAsking] = useState(leaveFirst);
  const [said, setSaid] = useState("");
  const cancel = useMutation({ ...trpc.myMeeting.cancelLeave.mutationOptions(), networkMode: "always" });
  if (!found.data)
    return (
      <>
        <Bar title={words.title} back="/m" />
        <main className="ph-main">
          {found.error ? <PhoneFailed error={found.error} retry={() => found.refetch()} /> : null}
        </main>
      </>
    );
  const meeting = found.data;
  const items = meeting.agenda
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const refresh = () => client.invalidateQueries();
  return (
    <>
      <Bar title={words.title} back="/m" />
      <Offline />
      <main className="ph-page">
        <MeetingHead meeting={meeting} />
        {meeting.voidReason !== null ? <p className="ph-say ph-say-err">{words.voided(meeting.voidReason)}</p> : null}
        {said ? (
          <p className="ph-say" role="status">
            {said}
          </p>
        ) : null}
        <Rows
          rows={[
            [words.myState, meeting.state === "pending" ? stateText(meeting) : codes.attendance[meeting.state]],
            ...(meeting.checkedInAt ? [[words.myTime, timeAt(meeting.checkedInAt)] as const] : []),
            ...(meeting.checkOutRequired
              ? [
                  [
                    words.outRow,
                    meeting.checkedOutAt ? words.outDone(timeAt(meeting.checkedOutAt)) : words.outYes,
                  ] as const,
                ]
              : []),
            [
              words.identity,
              meeting.shouldAttend ? words.vote(identity[meeting.identityThen] ?? "", meeting.mayVote) : words.guest,
            ],
            ...(meeting.hostName ? [[words.host, meeting.hostName] as const] : []),
            ...(meeting.recorderName ? [[words.recorder, meeting.recorderName] as const] : []),
          ]}
        />
        {items.length > 0 ? (
          <section className="ph-agenda">
            <h2>{words.agenda}</h2>
            <ol>
              {items.map((item, at) => (
                <li key={`${at}:${item}`}>{item}</li>
              ))}
            </ol>
          </section>
        ) : null}
        {asking && meeting.mayTakeLeave ? (
          <LeaveForm
            id={id}
            done={(sent) => {
              setAsking(false);
              if (sent) setSaid(words.leaveDone);
              refresh();
            }}
          />
        ) : (
          <footer className="ph-foot">
            {meeting.action === "sign_in" || meeting.action === "sign_out" ? (
              <Link className="ph-big" href={`/m/meetings/${id}/sign-in/confirm`}>
                <Icon name="code" size={22} />
                {meeting.action === "sign_in" ? all.signIn : all.signOut}
              </Link>
            ) : null}
            {meeting.mayTakeLeave ? (
              <button type="button" className="ph-second" onClick={() => setAsking(true)}>
                {words.myLeave}
              </button>
            ) : null}
            {meeting.mayCancelLeave ? (
              <button
                type="button"
                className="ph-second"
                disabled={cancel.isPending}
                onClick={async () => {
                  try {
                    await cancel.mutateAsync({ id });
                    setSaid(words.leaveCancelled);
                  } catch (error) {
                    setSaid(domainOf(error) ?? all.failed);
                  }
                  refresh();
                }}
              >
                {words.cancelLeave}
              </button>
            ) : null}
          </footer>
        )}
      </main>
    </>
  );
}

export function MeetingHead({
  meeting,
}: {
  meeting: {
    kind: keyof (typeof meetingWords)["zh-CN"]["kind"];
    title: string;
    startsAt: Date;
    endsAt: Date;
    place: string;
  };
}) {
  const language = useLanguage();
  return (
    <div className="ph-head">
      <span className="ph-tag">{meetingWords[language].kind[meeting.kind]}</span>
      <h1>{meeting.title}</h1>
      <p>
        <Icon name="clock" size={20} />
        {spanText(meeting.startsAt, meeting.endsAt, language)}
      </p>
      {meeting.place ? (
        <p>
          <Pin />
          {meeting.place}
        </p>
      ) : null}
    </div>
  );
}

function LeaveForm({ id, done }: { id: string; done: (sent: boolean) => void }) {
  const all = useWords(phoneWords);
  const words = all.meeting;
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const leave = useMutation({ ...useTRPC().myMeeting.leave.mutationOptions(), networkMode: "always" });
  return (
    <form
      className="ph-leave"
      onSubmit={async (event) => {
        event.preventDefault();
        try {
          await leave.mutateAsync({ id, reason });
          done(true);
        } catch (error) {
          setProblem(domainOf(error) ?? all.failed);
        }
      }}
    >
      <h2>{words.leaveTitle}</h2>
      <label htmlFor="leave-reason">{words.leaveReason}</label>
      <textarea
        id="leave-reason"
        rows={3}
        maxLength={longestReason}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <p className="ph-small">{words.leaveHint}</p>
      {problem ? (
        <p className="ph-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <button type="submit" className="ph-big" disabled={reason.trim() === "" || leave.isPending}>
        {words.leaveDo}
      </button>
      <button type="button" className="ph-second" onClick={() => done(false)}>
        {words.leaveNot}
      </button>
    </form>
  );
}
