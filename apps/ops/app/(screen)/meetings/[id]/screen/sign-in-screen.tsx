"use client";

import { useQuery } from "@tanstack/react-query";
import { timeAt } from "@xianfeng/trpc/calendar";
import { Icon } from "@xianfeng/ui/icon";
import { useLanguage, useWords } from "@xianfeng/ui/messages";
import { useState } from "react";
import { QrCode } from "@/app/(console)/meetings/qr-code.tsx";
import { spanText } from "@/app/(console)/meetings/time.ts";
import { useCode } from "@/app/(console)/meetings/use-code.ts";
import { meetingPageWords } from "@/app/(console)/meetings/words.ts";
import { useTRPC } from "@/lib/trpc.tsx";

/** One screen for the room: scan, how many are here, who came just now. Runs for the whole meeting without a hand. */
export function SignInScreen({ id }: { id: string }) {
  const words = useWords(meetingPageWords).screen;
  const language = useLanguage();
  const [purpose, setPurpose] = useState<"in" | "out">("in");
  const live = useQuery({
    ...useTRPC().meeting.live.queryOptions({ id }),
    refetchInterval: 3_000,
    refetchIntervalInBackground: true,
  });
  const now = live.data?.now;
  const mayOut = Boolean(live.data?.checkOutRequired && now && now >= live.data.startsAt);
  const open = purpose === "in" ? live.data?.phase === "signing_in" : mayOut;
  const code = useCode(id, purpose, open);
  if (!live.data) return null;
  const meeting = live.data;
  const { counts } = meeting;
  const dead = code.stale || live.isError;
  return (
    <main className="wall">
      <header>
        <div>
          <h1>{meeting.title}</h1>
          <p>
            {spanText(meeting.startsAt, meeting.endsAt, language)}　{meeting.place}
          </p>
        </div>
        <nav>
          {mayOut ? (
            <button type="button" onClick={() => setPurpose(purpose === "in" ? "out" : "in")}>
              {purpose === "in" ? words.toOut : words.toIn}
            </button>
          ) : null}
          <button type="button" onClick={() => document.documentElement.requestFullscreen().catch(() => undefined)}>
            {words.full}
          </button>
          <a href={`/meetings/${id}`}>{words.back}</a>
        </nav>
      </header>
      <section className="wall-code">
        {open ? (
          <>
            <div className={dead ? "wall-qr wall-qr-dead" : "wall-qr"}>
              {code.url ? <QrCode text={code.url} label={purpose === "in" ? words.scan : words.scanOut} /> : null}
            </div>
            {dead ? (
              <p className="wall-stopped" role="alert">
                <Icon name="warning" size={24} />
                {words.stopped}
              </p>
            ) : (
              <p>{purpose === "in" ? words.scan : words.scanOut}</p>
            )}
          </>
        ) : (
          <p className="wall-closed">
            {meeting.phase === "not_started" ? words.opens(timeAt(meeting.checkInOpensAt)) : words.over}
          </p>
        )}
      </section>
      <section className="wall-count" aria-live="polite">
        <p>{words.signedIn}</p>
        <b>{counts.present}</b>
        <p>{words.of(counts.expected)}</p>
        <dl>
          <div>
            <dt>{words.late}</dt>
            <dd>{counts.late}</dd>
          </div>
          <div>
            <dt>{words.leave}</dt>
            <dd>{counts.leave}</dd>
          </div>
          <div>
            <dt>{words.pending}</dt>
            <dd>{counts.pending + counts.absent}</dd>
          </div>
        </dl>
        {meeting.latest.length > 0 ? (
          <>
            <h2>{words.latest}</h2>
            <ul>
              {meeting.latest.map((person) => (
                <li key={person.id}>
                  {person.name}
                  <span>{person.at ? timeAt(person.at) : ""}</span>
                </li>
              ))}
            </ul>
          </>
        ) : null}
      </section>
    </main>
  );
}
