"use client";

import type { Identity } from "@xianfeng/trpc";
import { Icon, type IconName, Logo } from "@xianfeng/ui/icon";
import { shellWords, useWords } from "@xianfeng/ui/messages";
import { Dropdown } from "antd";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { IdentityProvider } from "@/lib/identity.tsx";
import { postJson } from "@/lib/post-json.ts";
import "./console-frame.css";

type Entry = { href: string; icon: IconName; title: string; may: string; outside?: boolean };

/** Side navigation, head of the page, and the page. */
export function ConsoleFrame({
  identity,
  today,
  children,
}: {
  identity: Identity;
  today: string;
  children: ReactNode;
}) {
  const words = useWords(shellWords);
  const pathname = usePathname();
  const [open, setOpen] = useState(false);
  // The drawer closes when the page changes.
  useEffect(() => setOpen(false), [pathname]);

  const groups: Array<{ title: string; entries: Entry[] }> = [
    { title: "", entries: [{ href: "/", icon: "home", title: words.nav.workbench, may: "workbench.read" }] },
    {
      title: words.nav.people,
      entries: [
        { href: "/orgs", icon: "org", title: words.nav.orgs, may: "org.read" },
        { href: "/members", icon: "people", title: words.nav.members, may: "member.read" },
        { href: "/erasures", icon: "lock", title: words.nav.erasures, may: "erasure.decide" },
      ],
    },
    {
      title: words.nav.life,
      entries: [{ href: "/meetings", icon: "calendar", title: words.nav.meetings, may: "meeting.read" }],
    },
    {
      title: words.nav.analysis,
      entries: [
        { href: "/evaluation", icon: "sheet", title: words.nav.evaluation, may: "evaluation.read" },
        { href: "/insights", icon: "chart", title: words.nav.insights, may: "report.read", outside: true },
      ],
    },
    {
      title: words.nav.system,
      entries: [
        { href: "/system/health", icon: "gauge", title: words.nav.health, may: "system.read" },
        { href: "/outbox", icon: "message", title: words.nav.outbox, may: "outbox.read" },
      ],
    },
  ];
  const shown = groups
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => identity.permissions.includes(entry.may)) }))
    .filter((group) => group.entries.length > 0);

  return (
    <IdentityProvider identity={identity} today={today}>
      <a className="skip-link" href="#main">
        {words.skip}
      </a>
      <div className={open ? "frame frame-open" : "frame"}>
        <aside className="frame-side" id="navigation">
          <div className="frame-brand">
            <Logo />
            {words.product}
            <small>{words.console}</small>
          </div>
          <nav aria-label={words.navigation}>
            {shown.map((group) => (
              <div key={group.title}>
                {group.title ? <h2>{group.title}</h2> : null}
                {group.entries.map((entry) => (
                  <NavLink key={entry.href} entry={entry} here={isHere(pathname, entry.href)} />
                ))}
              </div>
            ))}
          </nav>
        </aside>
        {open ? (
          <button type="button" className="frame-scrim" aria-label={words.close} onClick={() => setOpen(false)} />
        ) : null}
        <div className="frame-body">
          <header className="frame-top">
            <button
              type="button"
              className="frame-menu"
              aria-label={words.openNavigation}
              aria-expanded={open}
              aria-controls="navigation"
              onClick={() => setOpen(true)}
            >
              <Icon name="menu" size={20} />
            </button>
            <div className="frame-place">
              <Icon name="org" size={17} />
              <span>{identity.orgName}</span>
              <i>{identity.roleTitle}</i>
            </div>
            <AccountMenu identity={identity} />
          </header>
          <main id="main" className="frame-main" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
    </IdentityProvider>
  );
}

const isHere = (pathname: string, href: string) =>
  href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);

function NavLink({ entry, here }: { entry: Entry; here: boolean }) {
  const inside = (
    <>
      <Icon name={entry.icon} size={17} />
      {entry.title}
    </>
  );
  // Insights is another application behind the same address: a whole page load.
  if (entry.outside) return <a href={entry.href}>{inside}</a>;
  return (
    <Link href={entry.href} aria-current={here ? "page" : undefined} prefetch={false}>
      {inside}
    </Link>
  );
}

function AccountMenu({ identity }: { identity: Identity }) {
  const words = useWords(shellWords).account;
  const items = [
    { key: "password", label: <a href="/password">{words.password}</a> },
    ...(identity.permissions.includes("me.read") ? [{ key: "phone", label: <a href="/m">{words.phone}</a> }] : []),
    { key: "out", label: words.signOut },
  ];
  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{ items, onClick: ({ key }) => (key === "out" ? signOutHere() : undefined) }}
    >
      <button type="button" className="frame-account" aria-label={`${words.menu} ${identity.displayName}`}>
        <span>{[...identity.displayName][0]}</span>
        {identity.displayName}
        <Icon name="down" size={14} />
      </button>
    </Dropdown>
  );
}

async function signOutHere(): Promise<void> {
  await postJson("/api/auth/sign-out", {}).catch(() => undefined);
  window.location.assign("/sign-in");
}
