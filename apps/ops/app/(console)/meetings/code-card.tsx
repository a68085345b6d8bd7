"use client";

import { timeAt } from "@xianfeng/trpc/calendar";
import { Icon } from "@xianfeng/ui/icon";
import { useLanguage, useWords } from "@xianfeng/ui/messages";
import { Segmented } from "antd";
import { useState } from "react";
import { Panel } from "@/components/panel.tsx";
import type { Detail } from "./meeting-detail.tsx";
import { QrCode } from "./qr-code.tsx";
import { startText } from "./time.ts";
import { useCode } from "./use-code.ts";
import { meetingPageWords } from "./words.ts";

/** The code for the wall beside the table, with who is there already. */
export function CodeCard({ meeting }: { meeting: Detail }) {
  const words = useWords(meetingPageWords);
  const language = useLanguage();
  const [purpose, setPurpose] = useState<"in" | "out">("in");
  const signingOut = meeting.form.checkOutRequired && meeting.now >= meeting.startsAt;
  const open = purpose === "in" ? meeting.phase === "signing_in" : signingOut;
  const code = useCode(meeting.id, purpose, open);
  const { counts } = meeting;
  const share = (part: number) => (counts.expected > 0 ? `${(part / counts.expected) * 100}%` : "0");
  return (
    <Panel
      title={purpose === "in" ? words.detail.code : words.detail.codeOut}
      extra={
        open ? (
          <a href={`/meetings/${meeting.id}/screen`} target="_blank" rel="noreferrer">
            {words.detail.screen}
          </a>
        ) : null
      }
    >
      <div className="panel-body">
        {signingOut ? (
          <Segmented
            className="mt-purpose"
            block
            value={purpose}
            onChange={setPurpose}
            options={[
              { value: "in", label: words.screen.toIn },
              { value: "out", label: words.screen.toOut },
            ]}
          />
        ) : null}
        {open ? (
          <div className="mt-code">
            <div className={code.stale ? "mt-qr mt-qr-dead" : "mt-qr"}>
              {code.url ? <QrCode text={code.url} label={words.detail.code} /> : null}
            </div>
            <div>
              <p className="mt-present-now">
                <b>{counts.present}</b> / {counts.expected} {words.detail.people}
              </p>
              <p className="mt-bar" aria-hidden="true">
                <i style={{ width: share(counts.onTime) }} />
                <u style={{ width: share(counts.late) }} />
              </p>
              <ul className="mt-hint">
                <li>{words.detail.renews}</li>
                <li>{words.detail.lateFrom(timeAt(meeting.lateAfterAt))}</li>
                <li>{words.detail.noPlace}</li>
              </ul>
            </div>
          </div>
        ) : (
          <p className="mt-quiet">
            {meeting.phase === "not_started"
              ? words.detail.opensAt(startText(meeting.checkInOpensAt, language))
              : words.detail.closedCode}
          </p>
        )}
        {code.stale ? (
          <p className="mt-stopped" role="alert">
            <Icon name="warning" />
            {words.screen.stopped}
          </p>
        ) : null}
      </div>
    </Panel>
  );
}
