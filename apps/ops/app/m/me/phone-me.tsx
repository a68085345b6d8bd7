"use client";

import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { postJson } from "@/lib/post-json.ts";
import { Tabs } from "../parts.tsx";
import { phoneWords } from "../words.ts";
import { MailSettings } from "./mail-settings.tsx";

export function PhoneMe({
  name,
  orgName,
  roleTitle,
  mayConsole,
  isPerson,
}: {
  name: string;
  orgName: string;
  roleTitle: string;
  mayConsole: boolean;
  isPerson: boolean;
}) {
  const words = useWords(phoneWords);
  return (
    <>
      <header className="ph-who">
        <div>
          <h1>{name}</h1>
          <p>
            {orgName} · {roleTitle}
          </p>
        </div>
      </header>
      <main className="ph-main">
        {isPerson ? <MailSettings /> : null}
        <section className="ph-card">
          <ul className="ph-list">
            {mayConsole ? (
              <li>
                <a href="/">
                  <span>{words.console}</span>
                  <Icon name="right" size={18} />
                </a>
              </li>
            ) : null}
            {isPerson ? (
              <li>
                <a href="/m/me/seen">
                  <span>{words.seen.title}</span>
                  <Icon name="right" size={18} />
                </a>
              </li>
            ) : null}
            <li>
              <a href="/password">
                <span>{words.password}</span>
                <Icon name="right" size={18} />
              </a>
            </li>
            <li>
              <button
                type="button"
                onClick={async () => {
                  await postJson("/api/auth/sign-out", {}).catch(() => undefined);
                  window.location.assign("/sign-in?next=/m");
                }}
              >
                <span>{words.out}</span>
                <Icon name="right" size={18} />
              </button>
            </li>
          </ul>
        </section>
        <p className="ph-small">{words.feedback}</p>
      </main>
      <Tabs here="me" />
    </>
  );
}
