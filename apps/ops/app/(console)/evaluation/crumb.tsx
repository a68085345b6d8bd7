import Link from "next/link";

/** Where a page stands: the pages above it, and its own name. */
export const Crumb = ({ steps, here }: { steps: [title: string, href: string][]; here: string }) => (
  <p className="ev-crumb">
    {steps.map(([title, href]) => (
      <span key={href}>
        <Link href={href} prefetch={false}>
          {title}
        </Link>
        {" / "}
      </span>
    ))}
    {here}
  </p>
);
