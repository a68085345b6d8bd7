import type { ReactNode } from "react";
import "./panel.css";

/** A white card: title, a quiet remark, something at the right, content. */
export function Panel({
  title,
  hint,
  extra,
  children,
  className = "",
}: {
  title: ReactNode;
  hint?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`panel ${className}`}>
      <header>
        <h2>{title}</h2>
        {hint ? <span className="panel-hint">{hint}</span> : null}
        {extra ? <span className="panel-extra">{extra}</span> : null}
      </header>
      {children}
    </section>
  );
}

/** Title of a page with its actions. */
export const PageHead = ({ title, hint, children }: { title: ReactNode; hint?: ReactNode; children?: ReactNode }) => (
  <div className="page-head">
    <h1>{title}</h1>
    {hint ? <p>{hint}</p> : null}
    {children ? <div className="page-actions">{children}</div> : null}
  </div>
);

/** A status by shape and word: ● done or running, ◆ attention, ■ failed, ○ not applicable. */
export const Mark = ({ tone, children }: { tone: "ok" | "run" | "warn" | "err" | "off"; children: ReactNode }) => (
  <span className={`mark mark-${tone}`}>{children}</span>
);

/** A small grey label. */
export const Label = ({
  tone = "plain",
  children,
}: {
  tone?: "plain" | "act" | "ok" | "warn" | "err";
  children: ReactNode;
}) => <span className={`label label-${tone}`}>{children}</span>;
