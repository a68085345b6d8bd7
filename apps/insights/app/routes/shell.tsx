import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { callContext } from "@xianfeng/insights/context";
import { Icon, Logo } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { useState } from "react";
import { NavLink, Outlet, useNavigation } from "react-router";
import { ErrorState } from "../components/states.tsx";
import { LiveProvider } from "../lib/live.tsx";
import { frameWords } from "../messages/frame.ts";
import type { Route } from "./+types/shell.ts";

export async function loader({ context }: Route.LoaderArgs) {
  const identity = await context.get(callContext).identity();
  return { name: identity?.displayName ?? "", org: identity?.orgName ?? "", may: identity?.permissions ?? [] };
}

type Entry = { to: string; title: string; permission: string };

function Frame({
  head,
  children,
}: {
  head: Route.ComponentProps["loaderData"] | undefined;
  children: React.ReactNode;
}) {
  const words = useWords(frameWords);
  const busy = useNavigation().state !== "idle";
  const entries: Entry[] = [
    { to: "/reports", title: words.nav.reports, permission: "report.read" },
    { to: "/mine", title: words.nav.mine, permission: "report.read_own" },
    { to: "/ranking", title: words.nav.ranking, permission: "ranking.read" },
    { to: "/runs", title: words.nav.runs, permission: "evaluation.generate" },
    { to: "/cockpit", title: words.nav.cockpit, permission: "cockpit.read" },
  ];
  const may = head?.may ?? [];
  return (
    <>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <header className="top no-print">
        <NavLink className="brand" to="/">
          <Logo />
          {words.product}
          <small>{words.side}</small>
        </NavLink>
        <nav className="tabs" aria-label={words.navigation}>
          {entries
            .filter((entry) => may.includes(entry.permission))
            .map((entry) => (
              <NavLink key={entry.to} to={entry.to}>
                {entry.title}
              </NavLink>
            ))}
        </nav>
        <span className="grow" />
        {may.includes("workbench.read") && (
          <a className="quiet wide" href="/">
            {words.console}
          </a>
        )}
        {head && (
          <>
            <span className="where wide">
              <Icon name="org" size={17} />
              {head.org}
            </span>
            <span className="who">
              <span className="avatar" aria-hidden="true">
                {head.name.slice(0, 1)}
              </span>
              <span className="wide">{head.name}</span>
            </span>
          </>
        )}
      </header>
      <main className={busy ? "main busy" : "main"} id="main">
        {children}
      </main>
    </>
  );
}

function Providers({ children }: { children: React.ReactNode }) {
  const [client] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={client}>
      <LiveProvider>{children}</LiveProvider>
    </QueryClientProvider>
  );
}

export default function Shell({ loaderData }: Route.ComponentProps) {
  return (
    <Providers>
      <Frame head={loaderData}>
        <Outlet />
      </Frame>
    </Providers>
  );
}

export function ErrorBoundary({ error, loaderData }: Route.ErrorBoundaryProps) {
  return (
    <Frame head={loaderData}>
      <ErrorState error={error} />
    </Frame>
  );
}
