"use client";

import { useQuery } from "@tanstack/react-query";
import { dayAt, timeAt } from "@xianfeng/trpc/calendar";
import { Icon } from "@xianfeng/ui/icon";
import { shortDay, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { useMeetingCodes } from "./parts.tsx";
import { meetingPageWords } from "./words.ts";

/** What the branch owes in the running month and quarter. What is done is quiet, what is due stands out. */
export function DutyStrip({ orgId }: { orgId: number }) {
  const words = useWords(meetingPageWords).duty;
  const codes = useMeetingCodes();
  const today = useToday();
  const duties = useQuery(useTRPC().meeting.duties.queryOptions({ orgId }));
  if (!duties.data) return null;
  return (
    <ul className="mt-duty" aria-label={words.label}>
      {duties.data.map((tile) => {
        const done = tile.done >= tile.of;
        const state = done
          ? { className: "mt-duty-ok", icon: "check" as const, text: words.held(tile.heldOn.map(dayOf).join("、")) }
          : tile.next
            ? {
                className: "",
                icon: "calendar" as const,
                text: words.next(nextText(tile.next.startsAt, today, words.today)),
              }
            : {
                className: "mt-duty-due",
                icon: "clock" as const,
                text: tile.of > 1 && tile.done > 0 ? words.groups(tile.of, tile.done) : words.due(shortDay(tile.dueOn)),
              };
        return (
          <li key={tile.kind} className={state.className} title={tile.clause}>
            <span>
              {codes.kind[tile.kind]}
              <em>{periodText(tile.period, words)}</em>
            </span>
            {tile.next && !done ? (
              <Link href={`/meetings/${tile.next.id}`} prefetch={false}>
                <Icon name={state.icon} />
                {state.text}
              </Link>
            ) : (
              <b>
                <Icon name={state.icon} />
                {state.text}
              </b>
            )}
          </li>
        );
      })}
    </ul>
  );
}

const dayOf = (day: string): string => `${Number(day.slice(8))}日`;

const nextText = (startsAt: Date, today: string, todayWord: string): string =>
  `${dayAt(startsAt) === today ? todayWord : shortDay(dayAt(startsAt))} ${timeAt(startsAt)}`;

const periodText = (period: string, words: { month: (n: number) => string; quarter: (n: number) => string }): string =>
  period.includes("Q") ? words.quarter(Number(period.slice(6))) : words.month(Number(period.slice(5)));
