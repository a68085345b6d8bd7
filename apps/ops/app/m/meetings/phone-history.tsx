"use client";

import { useQuery } from "@tanstack/react-query";
import { meetingWords } from "@xianfeng/trpc/meeting";
import { useLanguage, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { startText } from "@/app/(console)/meetings/time.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { Offline, PhoneFailed, Tabs } from "../parts.tsx";
import { phoneWords } from "../words.ts";

/** One's own record of a year: facts and every meeting, voided ones named as such. */
export function PhoneHistory({ year, thisYear }: { year: number; thisYear: number }) {
  const all = useWords(phoneWords);
  const words = all.history;
  const language = useLanguage();
  const codes = meetingWords[language];
  const found = useQuery(useTRPC().myMeeting.history.queryOptions({ year, page: 1, size: 100 }));
  const years = [thisYear, thisYear - 1, thisYear - 2];
  return (
    <>
      <Offline />
      <header className="ph-who">
        <div>
          <h1>{words.title}</h1>
        </div>
      </header>
      <main className="ph-main">
        <nav className="ph-years" aria-label={words.title}>
          {years.map((each) => (
            <Link
              key={each}
              href={`/m/meetings?year=${each}`}
              aria-current={each === year ? "page" : undefined}
              replace
            >
              {words.prev(each)}
            </Link>
          ))}
        </nav>
        {found.error && !found.data ? <PhoneFailed error={found.error} retry={() => found.refetch()} /> : null}
        {found.data ? (
          <>
            <section className="ph-card">
              <div className="ph-year ph-year-top">
                <div>
                  <b>{found.data.facts.present}</b>
                  <small>
                    {" "}
                    / {found.data.facts.expected}
                    {all.times}
                  </small>
                  <span>{all.attended}</span>
                </div>
                <div>
                  <b>{found.data.facts.leave}</b>
                  <small>{all.times}</small>
                  <span>{all.leaves}</span>
                </div>
                <div>
                  <b>{found.data.facts.absent}</b>
                  <small>{all.times}</small>
                  <span>{all.absences}</span>
                </div>
              </div>
              <p className="ph-small">{all.yearNote}</p>
            </section>
            <section className="ph-card">
              {found.data.rows.length === 0 ? <p className="ph-quiet">{words.none}</p> : null}
              <ul className="ph-list">
                {found.data.rows.map((row) => (
                  <li key={row.id}>
                    <Link href={`/m/meetings/${row.id}`}>
                      <span>
                        {row.title}
                        <small>
                          {startText(row.startsAt, language)} {codes.kind[row.kind]}
                        </small>
                      </span>
                      <span
                        className={row.state === "absent" && row.phase !== "void" ? "ph-state ph-warn" : "ph-state"}
                      >
                        {row.phase === "void"
                          ? codes.phase.void
                          : row.phase === "closed" || row.state !== "pending"
                            ? codes.attendance[row.state]
                            : codes.phase[row.phase]}
                        <small>
                          {row.phase === "void"
                            ? ""
                            : row.shouldAttend
                              ? row.corrected
                                ? words.corrected
                                : ""
                              : words.guest}
                        </small>
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          </>
        ) : null}
      </main>
      <Tabs here="record" />
    </>
  );
}
