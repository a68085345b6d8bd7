import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { isRouteErrorResponse, Link } from "react-router";
import type { Trouble } from "../lib/load.ts";
import { frameWords } from "../messages/frame.ts";

/** What belongs here and the one thing to do. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <section className="panel state">
      <div>
        <h2>{title}</h2>
        {children && <p>{children}</p>}
      </div>
      {action && <div className="state-act">{action}</div>}
    </section>
  );
}

/** A part that could not be had; the others go on. */
export function PartTrouble({ trouble, what, again }: { trouble: Trouble; what: string; again?: () => void }) {
  const words = useWords(frameWords);
  return (
    <section className="panel state err" role="alert">
      <Icon name={trouble.kind === "forbidden" ? "lock" : "warning"} size={18} />
      <div>
        <h2>{trouble.kind === "forbidden" ? words.forbidden : words.failed(what)}</h2>
        <p>{trouble.message || words.failedHow}</p>
      </div>
      {again && trouble.kind !== "forbidden" && (
        <div className="state-act">
          <button type="button" className="btn" onClick={again}>
            {words.again}
          </button>
        </div>
      )}
    </section>
  );
}

/** A whole page that is not shown. */
export function ErrorState({ error }: { error: unknown }) {
  const words = useWords(frameWords);
  const trouble = troubleOf(error);
  const title =
    { forbidden: words.forbidden, not_found: words.missing, away: words.away }[trouble.kind as string] ?? words.broken;
  return (
    <section className="panel state" role="alert">
      <Icon
        name={trouble.kind === "forbidden" ? "lock" : trouble.kind === "not_found" ? "search" : "warning"}
        size={20}
      />
      <div>
        <h1>{title}</h1>
        <p>{trouble.message || words.missingHow}</p>
      </div>
      <div className="state-act">
        <Link className="btn" to="/">
          {words.toStart}
        </Link>
      </div>
    </section>
  );
}

function troubleOf(error: unknown): Trouble {
  if (isRouteErrorResponse(error)) {
    const said = error.data as Partial<Trouble> | null;
    if (said?.kind && said.message) return { kind: said.kind, message: said.message };
    return { kind: error.status === 404 ? "not_found" : "unexpected", message: "" };
  }
  return { kind: "unexpected", message: "" };
}

/** For the committee: there was a report. What it said is gone. */
export function Retracted({
  title,
  when,
  reason,
  children,
}: {
  title: string;
  when: string;
  reason: string;
  children?: ReactNode;
}) {
  const words = useWords(frameWords);
  return (
    <section className="retracted">
      <h2>{words.retracted}</h2>
      <p>{words.retractedOn(title, when)}</p>
      <p>{words.reason(reason)}</p>
      {children && <p>{children}</p>}
    </section>
  );
}
