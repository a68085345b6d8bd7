"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { timeAt } from "@xianfeng/trpc/calendar";
import { isPresent } from "@xianfeng/trpc/meeting";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, useLanguage, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { useState } from "react";
import { startText } from "@/app/(console)/meetings/time.ts";
import { domainOf } from "@/components/states.tsx";
import { postJson } from "@/lib/post-json.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { Bar, Offline, PhoneFailed, Rows } from "../../../../parts.tsx";
import { phoneWords } from "../../../../words.ts";
import { MeetingHead } from "../../phone-meeting.tsx";

/** Who I am, which meeting, one button. Afterwards time and state, which can be taken back until the start. */
export function SignInConfirm({ id, ticket, stale }: { id: string; ticket: string | null; stale: boolean }) {
  const all = useWords(phoneWords);
  const words = all.meeting;
  const trpc = useTRPC();
  const client = useQueryClient();
  const found = useQuery({ ...trpc.myMeeting.get.queryOptions({ id }), refetchInterval: 15_000 });
  const check = useMutation({ ...trpc.myMeeting.check.mutationOptions(), networkMode: "always" });
  const undo = useMutation({ ...trpc.myMeeting.undo.mutationOptions(), networkMode: "always" });
  const [problem, setProblem] = useState("");
  const [done, setDone] = useState<"in" | "out" | null>(null);
  const purpose = ticket?.startsWith("out.") ? "out" : "in";
  const title = purpose === "in" ? words.confirm : words.confirmOut;
  const back = `/m/meetings/${id}`;
  if (!found.data)
    return (
      <>
        <Bar title={title} back="/m" />
        <main className="ph-main">
          {found.error ? <PhoneFailed error={found.error} retry={() => found.refetch()} /> : null}
        </main>
      </>
    );
  const meeting = found.data;
  const present = isPresent(meeting.state) && meeting.checkedInAt !== null;
  // Opened again after success: the same answer, not the button once more.
  const shown = done ?? (purpose === "out" && meeting.checkedOutAt ? "out" : purpose === "in" && present ? "in" : null);

  async function confirm() {
    if (!ticket) return;
    setProblem("");
    try {
      const answer = await check.mutateAsync({ id, ticket });
      setDone(answer.purpose ?? "in");
      await client.invalidateQueries();
    } catch (error) {
      setProblem(domainOf(error) ?? all.failedHow(""));
    }
  }

  async function takeBack() {
    setProblem("");
    try {
      await undo.mutateAsync({ id });
      setDone(null);
      setProblem(words.undone);
    } catch (error) {
      setProblem(domainOf(error) ?? all.failedHow(""));
    }
    await client.invalidateQueries();
  }

  if (shown)
    return (
      <>
        <Bar title={title} back={back} />
        <Success meeting={meeting} purpose={shown} undo={takeBack} problem={problem} />
      </>
    );
  return (
    <>
      <Bar title={title} back={back} />
      <Offline />
      <main className="ph-page">
        <MeetingHead meeting={meeting} />
        {ticket ? (
          <Ready meeting={meeting} purpose={purpose} problem={problem} busy={check.isPending} confirm={confirm} />
        ) : (
          <ScanFirst meeting={meeting} stale={stale} said={problem} />
        )}
      </main>
    </>
  );
}

type Own = {
  id: string;
  me: string;
  title: string;
  branchName: string;
  groupName: string | null;
  identityThen: string;
  mayVote: boolean;
  shouldAttend: boolean;
  mayTakeLeave: boolean;
  now: Date;
  startsAt: Date;
  checkInOpensAt: Date;
  lateAfter: Date;
  phase: string;
  state: string;
  checkedInAt: Date | null;
  checkedOutAt: Date | null;
  checkOutRequired: boolean;
  recorderName: string | null;
  present: number;
  expected: number;
  mayUndo: boolean;
};

function Ready({
  meeting,
  purpose,
  problem,
  busy,
  confirm,
}: {
  meeting: Own;
  purpose: "in" | "out";
  problem: string;
  busy: boolean;
  confirm: () => void;
}) {
  const words = useWords(phoneWords).meeting;
  const identity = useWords(domainWords).identity;
  const late = timeAt(meeting.lateAfter);
  return (
    <>
      <Rows
        rows={[
          [purpose === "in" ? words.who : words.whoOut, meeting.me],
          [words.branch, meeting.branchName],
          ...(meeting.groupName ? [[words.group, meeting.groupName] as const] : []),
          [
            words.identity,
            meeting.shouldAttend ? words.vote(identity[meeting.identityThen] ?? "", meeting.mayVote) : words.guest,
          ],
        ]}
      />
      <p className="ph-say">
        <Icon name="info" size={20} />
        {purpose === "out"
          ? words.outNote
          : meeting.now > meeting.lateAfter
            ? words.lateNow(late)
            : words.lateNote(late)}
      </p>
      {problem ? (
        <p className="ph-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <footer className="ph-foot">
        <button type="button" className="ph-big" disabled={busy} onClick={confirm}>
          {purpose === "in" ? words.doIn : words.doOut}
        </button>
        <div className="ph-two">
          {meeting.mayTakeLeave ? (
            <Link className="ph-second" href={`/m/meetings/${meeting.id}?leave=1`}>
              {words.myLeave}
            </Link>
          ) : null}
          <button type="button" className="ph-second" onClick={() => signOutHere(meeting.id)}>
            {words.notMe}
          </button>
        </div>
        {meeting.recorderName ? <p className="ph-small">{words.cannot(meeting.recorderName)}</p> : null}
      </footer>
    </>
  );
}

/** Another person at this phone: the scan stays valid, the session does not. */
async function signOutHere(id: string): Promise<void> {
  await postJson("/api/auth/sign-out", {}).catch(() => undefined);
  window.location.assign(`/sign-in?next=${encodeURIComponent(`/m/meetings/${id}/sign-in/confirm`)}`);
}

function ScanFirst({ meeting, stale, said }: { meeting: Own; stale: boolean; said: string }) {
  const words = useWords(phoneWords).meeting;
  const language = useLanguage();
  const early = meeting.phase === "not_started";
  return (
    <>
      {said || stale ? (
        <p className={stale ? "ph-problem" : "ph-say"} role="alert">
          {said || words.stale}
        </p>
      ) : null}
      <section className="ph-scan">
        <Icon name="code" size={56} />
        <h2>{words.scanTitle}</h2>
        <p>{early ? words.notOpen(startText(meeting.checkInOpensAt, language)) : words.scanText}</p>
      </section>
      <footer className="ph-foot">
        {meeting.mayTakeLeave ? (
          <Link className="ph-second" href={`/m/meetings/${meeting.id}?leave=1`}>
            {words.myLeave}
          </Link>
        ) : null}
        {meeting.recorderName ? <p className="ph-small">{words.cannot(meeting.recorderName)}</p> : null}
      </footer>
    </>
  );
}

function Success({
  meeting,
  purpose,
  undo,
  problem,
}: {
  meeting: Own;
  purpose: "in" | "out";
  undo: () => void;
  problem: string;
}) {
  const words = useWords(phoneWords).meeting;
  const at = purpose === "in" ? meeting.checkedInAt : meeting.checkedOutAt;
  const late = meeting.state === "late";
  return (
    <main className="ph-page">
      <div className="ph-ok">
        <span className={late && purpose === "in" ? "ph-round ph-round-late" : "ph-round"}>
          <Icon name="check" size={40} />
        </span>
        <h1>{purpose === "out" ? words.okOut : late ? words.okLate : words.okIn}</h1>
        <p role="status">
          {at ? (purpose === "out" ? timeAt(at) : late ? words.late(timeAt(at)) : words.onTime(timeAt(at))) : ""}
        </p>
      </div>
      <Rows
        rows={[
          [words.name, meeting.title],
          [words.presentNow, words.presentText(meeting.present, meeting.expected)],
          [
            words.outRow,
            !meeting.checkOutRequired
              ? words.outNo
              : meeting.checkedOutAt
                ? words.outDone(timeAt(meeting.checkedOutAt))
                : words.outYes,
          ],
        ]}
      />
      {problem ? (
        <p className="ph-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <footer className="ph-foot">
        <Link className="ph-big" href={`/m/meetings/${meeting.id}`}>
          {words.details}
        </Link>
        {purpose === "in" && meeting.mayUndo ? (
          <p className="ph-small">
            {words.undoAsk(timeAt(meeting.startsAt))}{" "}
            <button type="button" className="link-button ph-undo" onClick={undo}>
              {words.undo}
            </button>
          </p>
        ) : null}
      </footer>
    </main>
  );
}
