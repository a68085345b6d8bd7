"use client";

import { shellWords, useWords } from "@xianfeng/ui/messages";
import { Button } from "antd";

/** What is left when a page breaks while it is drawn; the number is in the server's log. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const words = useWords(shellWords);
  return (
    <main className="lone-page" role="alert">
      <h1>{words.brokenTitle}</h1>
      <p>{words.brokenHow}</p>
      {error.digest ? <code>{error.digest}</code> : null}
      <div>
        <Button onClick={reset}>{words.retry}</Button> <a href="/">{words.toWorkbench}</a>
      </div>
    </main>
  );
}
