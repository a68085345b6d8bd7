import type { ReactNode } from "react";

/** Crumb, title and actions of a page. */
export function PageHead({ crumb, title, children }: { crumb: ReactNode; title: ReactNode; children?: ReactNode }) {
  return (
    <div className="page-head">
      <div>
        <p className="crumb">{crumb}</p>
        <h1>{title}</h1>
      </div>
      <div className="acts">{children}</div>
    </div>
  );
}
