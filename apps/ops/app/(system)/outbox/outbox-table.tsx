"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { instantText, useWords } from "@xianfeng/ui/messages";
import { App, Button } from "antd";
import { Mark } from "@/components/panel.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useMay, useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { outboxWords } from "./words.ts";

type Row = RouterOutputs["message"]["list"]["rows"][number];

const tones = {
  waiting: "run",
  shown: "ok",
  sent: "ok",
  failed: "err",
  not_configured: "warn",
  expired: "off",
  dropped: "off",
} as const;

/** One line for each message; on a phone each one is a card. */
export function OutboxTable({ rows }: { rows: Row[] }) {
  const words = useWords(outboxWords);
  const today = useToday();
  const mayRetry = useMay("outbox.retry");
  return (
    <table className="list-table ob-table">
      <thead>
        <tr>
          <th scope="col">{words.columns.at}</th>
          <th scope="col">{words.columns.kind}</th>
          <th scope="col">{words.columns.recipient}</th>
          <th scope="col">{words.columns.state}</th>
          <th scope="col">{words.columns.detail}</th>
          <th scope="col" className="list-act">
            <span className="visually-hidden">{words.columns.act}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>{instantText(row.createdAt, today)}</td>
            <td>{words.kinds[row.kind] ?? row.kind}</td>
            <td>
              {row.recipient.name}
              {row.channel === "mail" && row.recipient.mail ? <small>{row.recipient.mail}</small> : null}
            </td>
            <td>
              <Mark tone={tones[row.state]}>{words.states[row.channel][row.state] ?? row.state}</Mark>
            </td>
            <td className="ob-detail">{detailOf(row, words, today)}</td>
            <td className="list-act">{mayRetry && row.mayRetry ? <Retry id={row.id} /> : null}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Words = ReturnType<typeof useWords<(typeof outboxWords)["zh-CN"]>>;

function detailOf(row: Row, words: Words, today: string): string {
  const at = (instant: Date | null) => (instant ? instantText(instant, today) : "");
  const reason = row.reason ? reasonText(row.reason, words) : "";
  const parts: Record<Row["state"], string[]> = {
    waiting: reason
      ? [reason, row.attempts > 0 ? words.tried(row.attempts) : "", words.next(at(row.nextAttemptAt))]
      : [],
    shown: [words.readAt(at(row.sentAt))],
    sent: [words.sentAt(at(row.sentAt))],
    failed: [reason, words.tried(row.attempts)],
    not_configured: [words.notConfigured, words.until(at(row.expiresAt))],
    expired: [words.tooOld],
    dropped: [reason],
  };
  return parts[row.state].filter(Boolean).join("，");
}

/** A code in words; the code of the mail service stays beside them, for its own pages. */
function reasonText(code: string, words: Words): string {
  const own = words.reasons[code];
  if (own) return own;
  if (/^40[13] /.test(code)) return words.locked(code);
  if (code.startsWith("429 ")) return words.busy(code);
  if (/^(5\d\d|408|409) /.test(code)) return words.broken(code);
  return words.refused(code);
}

function Retry({ id }: { id: string }) {
  const words = useWords(outboxWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const retry = useMutation(
    trpc.message.retry.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.message.pathFilter());
        message.success(words.retried);
      },
      onError: (error) => sayErrors(error),
    }),
  );
  return (
    <Button size="small" loading={retry.isPending} onClick={() => retry.mutate({ id })}>
      {words.retry}
    </Button>
  );
}
