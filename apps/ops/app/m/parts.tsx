"use client";

import { Icon, type IconName } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { type ReactNode, useSyncExternalStore } from "react";
import { domainOf } from "@/components/states.tsx";
import { codeOf } from "@/lib/trpc.tsx";
import { phoneWords } from "./words.ts";

/** Bar with the title in the middle and the way back. */
export function Bar({ title, back }: { title: string; back: string }) {
  const words = useWords(phoneWords);
  return (
    <header className="ph-bar">
      <Link href={back} aria-label={words.back}>
        <Icon name="left" size={22} />
      </Link>
      <h1>{title}</h1>
    </header>
  );
}

type Tab = "home" | "record" | "notices" | "me";

export function Tabs({ here, unread = 0 }: { here: Tab; unread?: number }) {
  const words = useWords(phoneWords);
  const tabs: { tab: Tab; href: string; icon: IconName }[] = [
    { tab: "home", href: "/m", icon: "home" },
    { tab: "record", href: "/m/meetings", icon: "calendar" },
    { tab: "notices", href: "/m/notices", icon: "message" },
    { tab: "me", href: "/m/me", icon: "person" },
  ];
  return (
    <nav className="ph-tabs" aria-label={words.tabs}>
      {tabs.map(({ tab, href, icon }) => (
        <Link key={tab} href={href} aria-current={tab === here ? "page" : undefined}>
          <Icon name={icon} size={22} />
          {words[tab]}
          {tab === "notices" && unread > 0 ? <em>{unread > 99 ? "99+" : unread}</em> : null}
        </Link>
      ))}
    </nav>
  );
}

const online = (listen: () => void) => {
  window.addEventListener("online", listen);
  window.addEventListener("offline", listen);
  return () => {
    window.removeEventListener("online", listen);
    window.removeEventListener("offline", listen);
  };
};

/** Said once, at the top, while there is no network. */
export function Offline() {
  const words = useWords(phoneWords);
  const here = useSyncExternalStore(
    online,
    () => navigator.onLine,
    () => true,
  );
  return here ? null : (
    <p className="ph-offline" role="status">
      {"serviceWorker" in navigator ? words.offline : words.offlineNeeded}
    </p>
  );
}

export function PhoneFailed({ error, retry }: { error: unknown; retry: () => void }) {
  const words = useWords(phoneWords);
  return (
    <div className="ph-failed" role="alert">
      <b>{domainOf(error) ?? words.failed}</b>
      {domainOf(error) ? null : <p>{words.failedHow(codeOf(error))}</p>}
      <div className="ph-two">
        <button type="button" className="ph-second" onClick={retry}>
          {words.retry}
        </button>
        <Link className="ph-second" href="/m">
          {words.meeting.toHome}
        </Link>
      </div>
    </div>
  );
}

export const Rows = ({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) => (
  <dl className="ph-rows">
    {rows.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** A pin: the one icon that only the phone needs. */
export const Pin = () => (
  <svg
    aria-hidden="true"
    width={20}
    height={20}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth={1.5}
    strokeLinecap="round"
    strokeLinejoin="round"
    style={{ flex: "none", display: "block" }}
  >
    <path d="M12 21s-7-6-7-11a7 7 0 0 1 14 0c0 5-7 11-7 11M12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5" />
  </svg>
);
