"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { timeAt } from "@xianfeng/trpc/calendar";
import { isPresent } from "@xianfeng/trpc/meeting";
import { useLanguage, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { useCallback, useEffect, useRef, useState } from "react";
import { domainOf } from "@/components/states.tsx";
import { forgetScan, type KeptScan, noteAnswer, rememberMe, scansOf } from "@/lib/kept-scans.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { phoneWords } from "./words.ts";

/** Sends what this account scanned without a network, as soon as there is one, and says what became of it until that was read. */
export function KeptScans({ principalId }: { principalId: string }) {
  const words = useWords(phoneWords).queue;
  const language = useLanguage();
  const client = useQueryClient();
  const { mutateAsync: send } = useMutation({
    ...useTRPC().myMeeting.checkOffline.mutationOptions(),
    networkMode: "always",
  });
  const [scans, setScans] = useState<KeptScan[]>([]);
  const isSending = useRef(false);

  const flush = useCallback(async () => {
    if (isSending.current) return;
    isSending.current = true;
    try {
      const kept = await scansOf(principalId);
      setScans(kept);
      for (const scan of kept.filter(({ answer }) => !answer)) {
        const answer = await send({ id: scan.id, code: scan.code, scannedAt: new Date(scan.at) }).then(
          ({ state, checkedInAt }) => ({
            kind: "done" as const,
            state,
            // The server takes the code's time where the phone's clock is wrong, so up to a minute it is the same scan.
            isOwn: isPresent(state) && checkedInAt !== null && Math.abs(checkedInAt.getTime() - scan.at) < 60_000,
          }),
          (error: unknown) => {
            const message = domainOf(error);
            return message && !isPassing(error) ? { kind: "refused" as const, message } : undefined;
          },
        );
        if (!answer) continue;
        await noteAnswer({ ...scan, answer });
        await client.invalidateQueries();
      }
      setScans(await scansOf(principalId));
    } finally {
      isSending.current = false;
    }
  }, [principalId, send, client]);

  useEffect(() => {
    void rememberMe({ principalId, lang: language, title: words.title, text: words.text, home: words.home });
    void navigator.serviceWorker?.register("/phone-worker.js", { scope: "/m/" }).catch(() => undefined);
  }, [principalId, language, words]);

  useEffect(() => {
    const look = () => void flush();
    look();
    window.addEventListener("online", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("online", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [flush]);

  return scans.map((scan) => (
    <p key={scan.id} className="ph-offline" role="status">
      {said(words, scan)}{" "}
      {scan.answer ? (
        <>
          <Link href={`/m/meetings/${scan.id}`}>{words.see}</Link>{" "}
          <button
            type="button"
            className="link-button"
            onClick={() => void forgetScan(scan.id).then(async () => setScans(await scansOf(principalId)))}
          >
            {words.ok}
          </button>
        </>
      ) : null}
    </p>
  ));
}

function said(words: (typeof phoneWords)["zh-CN"]["queue"], { at, answer }: KeptScan): string {
  const time = timeAt(new Date(at));
  if (!answer) return words.waiting(time);
  if (answer.kind === "refused") return words.refused(time, answer.message);
  if (!answer.isOwn) return words.other;
  return answer.state === "late" ? words.doneLate(time) : words.done(time);
}

/** Refusals that say nothing about the scan itself: it is sent again later. */
function isPassing(error: unknown): boolean {
  const data = error && typeof error === "object" && "data" in error ? error.data : null;
  const kind = data && typeof data === "object" && "kind" in data ? data.kind : null;
  return kind === "unauthenticated" || kind === "too_many" || kind === "unavailable" || kind === "forbidden";
}
