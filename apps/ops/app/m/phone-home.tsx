"use client";

import { useQuery } from "@tanstack/react-query";
import { dayAt, timeAt } from "@xianfeng/trpc/calendar";
import { Icon } from "@xianfeng/ui/icon";
import { daysBetween, shortDay, useLanguage, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { spanText, startText } from "@/app/(console)/meetings/time.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { Offline, PhoneFailed, Tabs } from "./parts.tsx";
import { type OwnCard, useStateText } from "./state-text.ts";
import { phoneWords } from "./words.ts";

/** Next meeting with its one action, what is to do, the year as facts. No rank, no points. */
export function PhoneHome() {
  const words = useWords(phoneWords);
  const home = useQuery({
    ...useTRPC().myMeeting.home.queryOptions(),
    refetchInterval: 30_000,
    refetchOnReconnect: true,
  });
  if (!home.data)
    return (
      <>
        <main className="ph-main">
          {home.error ? <PhoneFailed error={home.error} retry={() => home.refetch()} /> : null}
        </main>
        <Tabs here="home" />
      </>
    );
  const { name, place, today, coming, year, todos, unread, now } = home.data;
  const todayIs = dayAt(now);
  return (
    <>
      <Offline />
      <header className="ph-who">
        <div>
          <h1>{name}</h1>
          {place ? <p>{[place.orgName, place.groupName].filter(Boolean).join(" · ")}</p> : null}
        </div>
        <Link href="/m/notices" aria-label={unread > 0 ? words.newNotices(unread) : words.notices}>
          <Icon name="message" size={24} />
          {unread > 0 ? <i /> : null}
        </Link>
      </header>
      <main className="ph-main">
        {today.map((meeting) => (
          <TodayCard key={meeting.id} meeting={meeting} />
        ))}
        {today.length === 0 ? <NoMeeting next={coming[0]} /> : null}
        {coming.length > 0 ? (
          <section className="ph-card">
            <h2>{words.coming}</h2>
            <ul className="ph-list">
              {coming.slice(0, 4).map((meeting) => (
                <ComingRow key={meeting.id} meeting={meeting} />
              ))}
            </ul>
          </section>
        ) : null}
        <section className="ph-card">
          <h2>{words.todo}</h2>
          {todos.length === 0 ? <p className="ph-quiet">{words.noTodo}</p> : null}
          <ul className="ph-list">
            {todos.map((todo) => (
              <li key={todo.id}>
                <a href={todo.href}>
                  <span>
                    {todo.title}
                    <Due at={todo.dueAt} today={todayIs} />
                  </span>
                  <Icon name="right" size={18} />
                </a>
              </li>
            ))}
          </ul>
        </section>
        <section className="ph-card">
          <h2>
            {words.year(year.year)}
            <Link href="/m/meetings">{words.seeRecord}</Link>
          </h2>
          <div className="ph-year">
            <div>
              <b>{year.present}</b>
              <small>
                {" "}
                / {year.expected}
                {words.times}
              </small>
              <span>{words.attended}</span>
            </div>
            <div>
              <b>{year.late}</b>
              <small>{words.times}</small>
              <span>{words.lates}</span>
            </div>
            <div>
              <b>{year.leave}</b>
              <small>{words.times}</small>
              <span>{words.leaves}</span>
            </div>
          </div>
          <p className="ph-small">{words.yearNote}</p>
        </section>
      </main>
      <Tabs here="home" unread={unread} />
    </>
  );
}

function TodayCard({ meeting }: { meeting: OwnCard }) {
  const words = useWords(phoneWords);
  const stateText = useStateText();
  const href = `/m/meetings/${meeting.id}`;
  return (
    <section className="ph-card ph-today">
      <p className="ph-kicker">
        {words.today}
        <span>{stateText(meeting)}</span>
      </p>
      <h2>
        <Link href={href}>{meeting.title}</Link>
      </h2>
      <p>
        {timeAt(meeting.startsAt)}—{timeAt(meeting.endsAt)}　{meeting.place}
      </p>
      <div className="ph-acts">
        {meeting.action === "sign_in" || meeting.action === "sign_out" ? (
          <Link className="ph-primary" href={`${href}/sign-in/confirm`}>
            <Icon name="code" size={20} />
            {meeting.action === "sign_in" ? words.signIn : words.signOut}
          </Link>
        ) : (
          <Link className="ph-second" href={href}>
            {words.see}
          </Link>
        )}
        {meeting.mayTakeLeave ? (
          <Link className="ph-second ph-narrow" href={`${href}?leave=1`}>
            {words.leave}
          </Link>
        ) : null}
      </div>
    </section>
  );
}

function NoMeeting({ next }: { next: OwnCard | undefined }) {
  const words = useWords(phoneWords);
  const language = useLanguage();
  return (
    <section className="ph-card ph-none">
      <h2>{words.noMeeting}</h2>
      <p>{next ? words.next(startText(next.startsAt, language)) : words.nothingComing}</p>
    </section>
  );
}

function ComingRow({ meeting }: { meeting: OwnCard }) {
  const language = useLanguage();
  const stateText = useStateText();
  return (
    <li>
      <Link href={`/m/meetings/${meeting.id}`}>
        <span>
          {meeting.title}
          <small>
            {spanText(meeting.startsAt, meeting.endsAt, language)}
            {meeting.state === "leave" ? `，${stateText(meeting)}` : ""}
          </small>
        </span>
        <Icon name="right" size={18} />
      </Link>
    </li>
  );
}

function Due({ at, today }: { at: Date | null; today: string }) {
  const words = useWords(phoneWords);
  if (!at) return null;
  const days = daysBetween(today, dayAt(at));
  const near = days < 0 ? words.overdue(-days) : days === 0 ? words.dueToday : days <= 7 ? words.left(days) : "";
  return (
    <small className={days <= 2 ? "ph-warn" : ""}>
      {words.due(shortDay(dayAt(at)))}
      {near ? `，${near}` : ""}
    </small>
  );
}
