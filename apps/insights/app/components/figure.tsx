import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Figure as FigureName } from "../definitions.ts";
import { useAddress } from "../lib/panel.ts";

/** A figure that says where it comes from when it is clicked or entered. */
export function Figure({
  name,
  subject,
  label,
  children,
}: {
  name: FigureName;
  subject: string;
  label: string;
  children: ReactNode;
}) {
  const { search, address } = useAddress();
  const key = `${name}.${subject}`;
  const open = search.get("number") === key;
  return (
    <Link
      className={open ? "figure open" : "figure"}
      to={address({ number: key })}
      preventScrollReset
      aria-label={label}
      aria-haspopup="dialog"
    >
      {children}
    </Link>
  );
}
