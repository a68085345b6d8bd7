"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { dayAt } from "@xianfeng/trpc/calendar";
import { instantText, useWords } from "@xianfeng/ui/messages";
import { useEffect, useRef } from "react";
import { useTRPC } from "@/lib/trpc.tsx";
import { Offline, PhoneFailed, Tabs } from "../parts.tsx";
import { phoneWords } from "../words.ts";

/** Messages, newest first. Opening the page reads them; what was new keeps its mark until the next visit. */
export function PhoneNotices() {
  const words = useWords(phoneWords);
  const trpc = useTRPC();
  const found = useQuery(trpc.myMeeting.notices.queryOptions());
  const { mutate } = useMutation({ ...trpc.myMeeting.readNotices.mutationOptions(), networkMode: "always" });
  const read = useRef(new Set<string>());
  useEffect(() => {
    const ids = (found.data ?? []).filter(({ id, readAt }) => !readAt && !read.current.has(id)).map(({ id }) => id);
    if (ids.length === 0) return;
    for (const id of ids) read.current.add(id);
    mutate({ ids });
  }, [found.data, mutate]);
  const today = dayAt(new Date());
  return (
    <>
      <Offline />
      <header className="ph-who">
        <div>
          <h1>{words.notices}</h1>
        </div>
      </header>
      <main className="ph-main">
        {found.error && !found.data ? <PhoneFailed error={found.error} retry={() => found.refetch()} /> : null}
        {found.data ? (
          <section className="ph-card">
            {found.data.length === 0 ? <p className="ph-quiet">{words.noNotices}</p> : null}
            <ul className="ph-list ph-notices">
              {found.data.map((notice) => (
                <li key={notice.id} className={notice.readAt ? "" : "ph-new"}>
                  <a href={notice.href ?? "/m/notices"}>
                    <span>
                      {notice.subject}
                      <small>{notice.body}</small>
                      <small>{instantText(notice.createdAt, today)}</small>
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </main>
      <Tabs here="notices" />
    </>
  );
}
