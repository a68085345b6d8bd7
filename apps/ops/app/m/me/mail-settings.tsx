"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useWords } from "@xianfeng/ui/messages";
import { type FormEvent, useState } from "react";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { PhoneFailed } from "../parts.tsx";
import { phoneWords } from "../words.ts";

type OwnMail = RouterOutputs["me"]["mail"];

/** One's own address, masked, and whether and when mails come. */
export function MailSettings() {
  const words = useWords(phoneWords).mail;
  const found = useQuery(useTRPC().me.mail.queryOptions());
  return (
    <section className="ph-card" aria-labelledby="mail-settings">
      <h2 id="mail-settings">{words.title}</h2>
      {found.error && !found.data ? <PhoneFailed error={found.error} retry={() => found.refetch()} /> : null}
      {found.data ? (
        <ul className="ph-list ph-settings">
          <Address mask={found.data.mask} />
          {found.data.mask ? <Switches mail={found.data} /> : null}
        </ul>
      ) : null}
    </section>
  );
}

function Address({ mask }: { mask: string | null }) {
  const words = useWords(phoneWords).mail;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const change = useMutation(
    trpc.me.changeMail.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.me.mail.queryFilter());
        setTyped(null);
      },
    }),
  );
  if (typed === null)
    return (
      <li>
        <div>
          <span>
            {words.address}
            <small>{mask ?? words.none}</small>
          </span>
          <button type="button" className="ph-inline" onClick={() => setTyped("")}>
            {mask ? words.change : words.add}
          </button>
        </div>
      </li>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ mail: typed });
  };
  const shut = () => {
    change.reset();
    setTyped(null);
  };
  return (
    <li>
      <form className="ph-address" onSubmit={submit} noValidate>
        <label htmlFor="own-mail">{words.address}</label>
        <input
          id="own-mail"
          type="email"
          inputMode="email"
          autoComplete="email"
          maxLength={254}
          placeholder={words.placeholder}
          value={typed}
          aria-invalid={change.error !== null}
          aria-describedby={change.error ? "own-mail-problem" : undefined}
          onChange={(event) => setTyped(event.target.value)}
        />
        {change.error ? (
          <p id="own-mail-problem" className="ph-wrong" role="alert">
            {change.error.message}
          </p>
        ) : null}
        <div className="ph-two">
          <button type="button" className="ph-second" onClick={shut}>
            {words.not}
          </button>
          <button type="submit" className="ph-primary" disabled={change.isPending || typed.trim() === ""}>
            {words.save}
          </button>
        </div>
        {mask ? (
          <button
            type="button"
            className="link-button ph-undo"
            disabled={change.isPending}
            onClick={() => change.mutate({ mail: "" })}
          >
            {words.remove}
          </button>
        ) : null}
      </form>
    </li>
  );
}

function Switches({ mail }: { mail: OwnMail }) {
  const words = useWords(phoneWords).mail;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const prefer = useMutation(
    trpc.me.mailPreference.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.me.mail.queryFilter()),
    }),
  );
  // Shown as wanted while it is being saved; back to what is saved when that fails.
  const shown = prefer.isPending ? prefer.variables : mail;
  const want = (change: Partial<Pick<OwnMail, "enabled" | "quietHours">>) =>
    prefer.mutate({ enabled: mail.enabled, quietHours: mail.quietHours, ...change });
  return (
    <>
      <Switch
        title={words.want}
        hint={words.wantHint}
        on={shown.enabled}
        disabled={prefer.isPending}
        onChange={(enabled) => want({ enabled })}
      />
      <Switch
        title={words.night}
        hint={words.nightHint}
        on={shown.quietHours}
        disabled={prefer.isPending || !shown.enabled}
        onChange={(quietHours) => want({ quietHours })}
      />
      {prefer.error ? (
        <li className="ph-wrong" role="alert">
          {words.failed}
        </li>
      ) : null}
    </>
  );
}

function Switch({
  title,
  hint,
  on,
  disabled,
  onChange,
}: {
  title: string;
  hint: string;
  on: boolean;
  disabled: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <li>
      <label>
        <span>
          {title}
          <small>{hint}</small>
        </span>
        <input
          type="checkbox"
          role="switch"
          className="ph-switch"
          checked={on}
          aria-checked={on}
          disabled={disabled}
          onChange={(event) => onChange(event.target.checked)}
        />
      </label>
    </li>
  );
}
