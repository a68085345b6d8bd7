"use client";

import { Icon } from "@xianfeng/ui/icon";
import { shellWords, useWords } from "@xianfeng/ui/messages";
import { Button } from "antd";
import type { ReactNode } from "react";
import { codeOf } from "@/lib/trpc.tsx";
import "./panel.css";

/** What belongs here and the one thing to do about it. */
export const Empty = ({ title, how, children }: { title: string; how?: string; children?: ReactNode }) => (
  <div className="state-empty">
    <div>
      <h3>{title}</h3>
      {how ? <p>{how}</p> : null}
    </div>
    {children ? <div>{children}</div> : null}
  </div>
);

/** Grey bars with the height of what comes; they appear after 300 ms, so that a quick answer does not flicker. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const words = useWords(shellWords);
  return (
    <div className="state-loading" role="status" aria-label={words.loading}>
      {Array.from({ length: rows }, (_, at) => at).map((row) => (
        <i key={row} style={{ width: `${92 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** Inside the part that failed; the others go on. */
export function Failed({ what, error, onRetry }: { what: string; error: unknown; onRetry: () => void }) {
  const words = useWords(shellWords);
  const code = codeOf(error);
  const known = domainOf(error);
  return (
    <div className="state-failed" role="alert">
      <h3>
        <Icon name="warning" />
        {known ?? words.failed(what)}
      </h3>
      <p>{words.failedHow(code)}</p>
      <div>
        <Button size="small" onClick={onRetry}>
          {words.retry}
        </Button>
        {code ? <code>{code}</code> : null}
      </div>
    </div>
  );
}

/** The server's own words when it refused on purpose; null when something broke. */
export function domainOf(error: unknown): string | null {
  const data = error && typeof error === "object" && "data" in error ? error.data : null;
  const kind = data && typeof data === "object" && "kind" in data ? data.kind : null;
  return typeof kind === "string" && kind !== "unexpected" && error instanceof Error ? error.message : null;
}

/** Shows one query: grey bars, the failure in its place, or what it brought. Old data stay while new ones load. */
export function Query<Data>({
  of,
  what,
  rows,
  children,
}: {
  of: { data: Data | undefined; error: unknown; refetch: () => unknown };
  what: string;
  rows?: number;
  children: (data: Data) => ReactNode;
}) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <Failed what={what} error={of.error} onRetry={() => of.refetch()} />;
  return <Loading {...(rows === undefined ? {} : { rows })} />;
}
