"use client";

import { useQuery } from "@tanstack/react-query";
import { dayAt } from "@xianfeng/trpc/calendar";
import { instantText, memberWords, useWords } from "@xianfeng/ui/messages";
import { useTRPC } from "@/lib/trpc.tsx";
import { Bar, PhoneFailed } from "../../parts.tsx";
import { phoneWords } from "../../words.ts";

/** Who looked at the reader's full numbers or address, when and why (个保法 art. 44–45). */
export function PhoneSeen() {
  const words = useWords(phoneWords).seen;
  const { fields, reasons } = useWords(memberWords).reveal;
  const found = useQuery(useTRPC().me.reveals.queryOptions());
  const today = dayAt(new Date());
  return (
    <>
      <Bar title={words.title} back="/m/me" />
      <main className="ph-main">
        {found.error && !found.data ? <PhoneFailed error={found.error} retry={() => found.refetch()} /> : null}
        {found.data ? (
          <section className="ph-card">
            {found.data.length === 0 ? <p className="ph-quiet">{words.none}</p> : null}
            <ul className="ph-list ph-settings">
              {found.data.map((one) => (
                <li key={one.id}>
                  <div>
                    <span>
                      {words.line(one.by, fields[one.field] ?? one.field)}
                      <small>{[reasons[one.reason] ?? one.reason, one.note].filter(Boolean).join("：")}</small>
                      <small>{instantText(one.at, today)}</small>
                    </span>
                  </div>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        <p className="ph-small">{words.hint}</p>
      </main>
    </>
  );
}
