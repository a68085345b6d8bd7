import { useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { definitions } from "../definitions.ts";
import { type Figure as FigureName, numberKey } from "../figures.ts";
import type { Explained } from "../lib/explain.ts";
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
  const key = numberKey({ figure: name, subject });
  const open = search.get("number") === key;
  return (
    <Link
      className={open ? "figure open" : "figure"}
      to={address({ number: key })}
      preventScrollReset
      aria-label={label}
      aria-haspopup="dialog"
      data-number={key}
    >
      {children}
    </Link>
  );
}

/** The figure of a number as it stands in its panel; `children` may dress it, never change it. */
export function Told({ number, children }: { number: Explained; children?: ReactNode }) {
  const { title } = useWords(definitions)[number.figure];
  return (
    <Figure
      name={number.figure}
      subject={number.subject}
      label={`${number.of} ${title} ${number.value}${number.unit ?? ""}`.trim()}
    >
      {children ?? number.value}
    </Figure>
  );
}
