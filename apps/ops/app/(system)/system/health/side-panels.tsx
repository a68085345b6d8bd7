"use client";

import { bytes, duration } from "@xianfeng/trpc/health";
import { instantText, useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { Panel } from "@/components/panel.tsx";
import { useToday } from "@/lib/identity.tsx";
import type { HealthData } from "./health.tsx";
import { healthWords } from "./words.ts";

type Disk = { freeBytes: number; totalBytes: number };

/** Room on the disks of the data folder and of ClickHouse. */
export function DiskPanel({ health: { dataDisk, stream } }: { health: HealthData }) {
  const words = useWords(healthWords);
  return (
    <Panel title={words.disks}>
      <ul className="hl-disks">
        <DiskLine title={words.dataDisk} disk={dataDisk} />
        <DiskLine title={words.engineDisk} disk={stream?.engineDisk ?? null} />
      </ul>
    </Panel>
  );
}

function DiskLine({ title, disk }: { title: string; disk: Disk | null }) {
  const words = useWords(healthWords);
  if (!disk)
    return (
      <li>
        <span>{title}</span>
        <i />
        <b>{words.unknown}</b>
      </li>
    );
  const used = disk.totalBytes - disk.freeBytes;
  const share = Math.round((used / disk.totalBytes) * 100);
  const tone = share >= 95 ? "hl-full" : share >= 90 ? "hl-tight" : undefined;
  return (
    <li>
      <span>{title}</span>
      <i>
        <u className={tone} style={{ width: `${share}%` }} />
      </i>
      <b>{words.used(bytes(used), bytes(disk.totalBytes))}</b>
    </li>
  );
}

/** How far the slot is from being lost. The database tells it, also while the stream is away. */
export function SlotPanel({ health: { slot } }: { health: HealthData }) {
  const words = useWords(healthWords);
  const { slotSafeBytes, slotLimitBytes, slotKeptBytes } = slot ?? {};
  const safe = !slot ? words.unknown : slotLimitBytes === undefined ? words.slotUnlimited : bytes(slotSafeBytes ?? 0);
  return (
    <Panel title={words.slot}>
      <dl className="hl-facts">
        <Fact name={words.slotSafe}>{safe}</Fact>
        <Fact name={words.slotKept}>{slotKeptBytes === undefined ? words.unknown : bytes(slotKeptBytes)}</Fact>
      </dl>
    </Panel>
  );
}

/** When a person last made a backup, compared both sides, checked the seals. */
export function ChecksPanel({ health: { records, sealing } }: { health: HealthData }) {
  const words = useWords(healthWords);
  const today = useToday();
  const { backup, audit, reconcile } = records;
  const at = (instant: Date) => instantText(instant, today);
  return (
    <Panel title={words.checks}>
      <dl className="hl-facts">
        <Fact name={words.backup}>{backup ? at(backup.at) : words.neverDone}</Fact>
        <Fact name={words.reconcile} isBad={reconcile?.equal === false}>
          {reconcile
            ? reconcile.equal
              ? words.compared(at(reconcile.at), reconcile.tables)
              : words.differs(at(reconcile.at))
            : words.neverDone}
        </Fact>
        <Fact name={words.audit} isBad={audit?.fits === false}>
          {audit ? (audit.fits ? words.fits(at(audit.at)) : words.doesNotFit(at(audit.at))) : words.neverDone}
        </Fact>
        <Fact name={words.sealing}>
          {sealing.waitingSeconds > 0 ? words.sealWaits(duration(sealing.waitingSeconds)) : words.sealed}
        </Fact>
      </dl>
    </Panel>
  );
}

/** How long each table behind the marts took. */
export function MartTimes({ health: { marts } }: { health: HealthData }) {
  const words = useWords(healthWords);
  if (!marts || marts.tables.length === 0) return null;
  return (
    <Panel title={words.martTimes}>
      <dl className="hl-facts">
        {marts.tables.map(({ name, ms, parts }) => (
          <Fact key={name} name={name}>
            {parts === undefined ? "" : `${words.computed(parts)}，`}
            {words.martTime((ms / 1000).toFixed(2))}
          </Fact>
        ))}
      </dl>
    </Panel>
  );
}

const Fact = ({ name, isBad = false, children }: { name: string; isBad?: boolean; children: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd className={isBad ? "hl-bad" : undefined}>{children}</dd>
  </>
);
