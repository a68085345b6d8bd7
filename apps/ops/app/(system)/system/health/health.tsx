"use client";

import { useQuery } from "@tanstack/react-query";
import { asOf } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { PageHead, Panel } from "@/components/panel.tsx";
import { Query } from "@/components/states.tsx";
import { useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { Hero } from "./hero.tsx";
import { LagCurve } from "./lag-curve.tsx";
import { Letters } from "./letters.tsx";
import { PartsTable } from "./parts-table.tsx";
import { ChecksPanel, DiskPanel, MartTimes, SlotPanel } from "./side-panels.tsx";
import { healthWords } from "./words.ts";
import "../../../(console)/members/members.css";
import "./health.css";

export type HealthData = RouterOutputs["health"]["get"];

const everyMs = 5_000;

/** The state of every part of the platform, followed while one looks. What does not answer is said not to answer. */
export function Health() {
  const words = useWords(healthWords);
  const today = useToday();
  const trpc = useTRPC();
  const health = useQuery({ ...trpc.health.get.queryOptions(), refetchInterval: everyMs });
  return (
    <>
      <PageHead title={words.title}>
        {health.data ? (
          <span className="hl-checked">
            <Icon name="clock" size={14} />
            {words.checked(asOf(health.data.at.toISOString(), today))}
          </span>
        ) : null}
      </PageHead>
      {health.data && health.error ? (
        <p className="hl-stale" role="alert">
          <Icon name="warning" size={16} />
          {words.stale(asOf(health.data.at.toISOString(), today))}
        </p>
      ) : null}
      <Query of={health} what={words.title} rows={12}>
        {(data) => (
          <>
            <Hero health={data} />
            <div className="hl-layout">
              <div className="hl-stack">
                <PartsTable health={data} />
                <Letters setAside={data.stream?.readings.setAside ?? null} />
                <Panel title={words.curve} hint={words.curveHint}>
                  <LagCurve health={data} />
                </Panel>
              </div>
              <aside className="hl-stack">
                <DiskPanel health={data} />
                <SlotPanel health={data} />
                <ChecksPanel health={data} />
                <MartTimes health={data} />
              </aside>
            </div>
          </>
        )}
      </Query>
    </>
  );
}
