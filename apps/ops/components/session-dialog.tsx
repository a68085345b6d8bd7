"use client";

import { shellWords, useWords } from "@xianfeng/ui/messages";
import { Modal } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { onSessionEnd } from "@/lib/session-fetch.ts";
import { SignInForm } from "./sign-in-form.tsx";

type Waiting = { resolve: () => void; reject: (reason: Error) => void };

/** Asks for the password over the page when the session has ended; what was typed below stays. */
export function SessionDialog({ principalId }: { principalId: string | null }) {
  const words = useWords(shellWords);
  const waiting = useRef<Waiting | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    onSessionEnd(
      () =>
        new Promise((resolve, reject) => {
          waiting.current = { resolve, reject };
          setOpen(true);
        }),
    );
    return () => onSessionEnd(null);
  }, []);
  const finish = useCallback((signedIn: boolean) => {
    setOpen(false);
    if (signedIn) waiting.current?.resolve();
    else waiting.current?.reject(new Error("not signed in"));
    waiting.current = null;
  }, []);
  return (
    <Modal
      open={open}
      title={words.expired.title}
      footer={null}
      width={432}
      mask={{ closable: false }}
      onCancel={() => finish(false)}
      destroyOnHidden
    >
      <p style={{ color: "var(--ink2)", marginBottom: 16 }}>{words.expired.how}</p>
      <SignInForm
        onDone={(signedIn) => {
          // Somebody else at this computer: what the page shows and holds is not his.
          if (signedIn.mustChangePassword || signedIn.principalId !== principalId) window.location.assign("/");
          else finish(true);
        }}
      />
    </Modal>
  );
}
