"use client";

import { useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, shortDay, useLanguage, useWords, weekday, workbenchWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { DutyPanel } from "@/components/duty-panel.tsx";
import { LinkButton } from "@/components/link-button.tsx";
import { PageHead, Panel } from "@/components/panel.tsx";
import { Query } from "@/components/states.tsx";
import { useIdentity, useMay, useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { TodoTable } from "./todo-table.tsx";
import "./workbench.css";

/** Today, what is due, what meets soon, who we are, and the year's duties. */
export function Workbench() {
  const words = useWords(workbenchWords);
  const language = useLanguage();
  const today = useToday();
  const identity = useIdentity();
  const mayMeet = useMay("meeting.edit");
  const page = useQuery(useTRPC().workbench.get.queryOptions());
  const todos = page.data?.todos ?? [];
  const ofToday = page.data?.meetings.filter((meeting) => meeting.heldOn === today) ?? [];
  const [meeting] = ofToday;
  const line = meeting
    ? ofToday.length === 1
      ? words.todayMeeting(meeting.from, meeting.title, meeting.place)
      : words.todayMeetings(ofToday.length)
    : "";
  const counted = words.summary(
    todos.filter((item) => item.group === "week").length,
    todos.filter((item) => item.group === "overdue").length,
  );
  return (
    <>
      <PageHead title={`${shortDay(today)} ${weekday(today, language)}`} hint={page.data ? line + counted : null}>
        {mayMeet ? (
          <LinkButton href="/meetings/new" type="primary" icon={<Icon name="plus" />}>
            {words.newMeeting}
          </LinkButton>
        ) : null}
      </PageHead>
      <div className="workbench">
        <Panel title={words.todos} hint={page.data ? words.items(todos.length) : null}>
          <Query of={page} what={words.todos} rows={8}>
            {(data) => <TodoTable items={data.todos} today={today} />}
          </Query>
        </Panel>
        <div className="workbench-right">
          <Panel title={words.meetings} extra={<Link href="/meetings">{words.look}</Link>}>
            <Query of={page} what={words.meetings} rows={3}>
              {(data) => <ComingMeetings meetings={data.meetings} alone={data.org?.isBranch ?? false} />}
            </Query>
          </Panel>
          <Panel title={words.overview} extra={<Link href="/members">{words.toMembers}</Link>}>
            <Query of={page} what={words.overview} rows={3}>
              {(data) => <Overview identities={data.org?.identities ?? {}} />}
            </Query>
          </Panel>
        </div>
      </div>
      <DutyPanel orgId={identity.orgId} />
    </>
  );
}

type Coming = { id: string; kind: string; title: string; place: string; orgName: string; heldOn: string; from: string };

function ComingMeetings({ meetings, alone }: { meetings: Coming[]; alone: boolean }) {
  const words = useWords(workbenchWords);
  const language = useLanguage();
  if (meetings.length === 0) return <p className="workbench-none">{words.noMeetings}</p>;
  return (
    <ul className="workbench-meetings">
      {meetings.map((meeting) => (
        <li key={meeting.id}>
          <time>
            <b>{shortDay(meeting.heldOn)}</b>
            {weekday(meeting.heldOn, language)} {meeting.from}
          </time>
          <Link href={`/meetings/${meeting.id}`} prefetch={false}>
            {meeting.title}
            <small>{[alone ? "" : meeting.orgName, meeting.place].filter(Boolean).join("，")}</small>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Overview({ identities }: { identities: Record<string, number> }) {
  const words = useWords(workbenchWords);
  const domain = useWords(domainWords);
  const of = (identity: string) => identities[identity] ?? 0;
  const figures = [
    {
      key: "member",
      value: of("full_member") + of("probationary_member"),
      title: words.membersOf(of("full_member"), of("probationary_member")),
    },
    ...["activist", "development_target", "applicant"].map((key) => ({
      key,
      value: of(key),
      title: domain.identity[key] ?? key,
    })),
  ];
  return (
    <ul className="workbench-figures">
      {figures.map((figure) => (
        <li key={figure.key}>
          <Link href={figure.key === "member" ? "/members" : `/members?identity=${figure.key}`} prefetch={false}>
            <b>{figure.value.toLocaleString("en-US")}</b>
            <small>{words.people}</small>
            <span>{figure.title}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
