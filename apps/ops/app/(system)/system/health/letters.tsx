"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { count, instantText, useWords } from "@xianfeng/ui/messages";
import { App, Button, Popconfirm } from "antd";
import { Panel } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useMay, useToday } from "@/lib/identity.tsx";
import { newId } from "@/lib/new-id.ts";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { healthWords, type Words } from "./words.ts";

type Group = RouterOutputs["health"]["letters"]["letters"][number];
type Operation = RouterOutputs["health"]["letters"]["operations"][number];

/** Rows that ClickHouse refused, with what can be done. `setAside` null = the stream does not answer. */
export function Letters({ setAside }: { setAside: number | null }) {
  const words = useWords(healthWords);
  const trpc = useTRPC();
  const letters = useQuery({
    ...trpc.health.letters.queryOptions(),
    enabled: setAside !== null,
    refetchInterval: ({ state }) => (state.data?.operations.some(isOpen) ? 1_000 : 5_000),
  });
  // Silent: what was known before may not be true any more, and nothing could be done about it.
  if (setAside === null) return null;
  return (
    <Panel title={words.letters} hint={words.lettersHint}>
      <Query of={letters} what={words.letters} rows={2}>
        {(data) => (
          <>
            {data.letters.length > 0 ? (
              <LettersTable groups={data.letters} />
            ) : (
              <Empty title={words.lettersNone} how={words.lettersNoneHow} />
            )}
            {data.operations.length > 0 ? (
              <ul className="hl-operations" aria-live="polite">
                {data.operations.slice(0, 3).map((operation) => (
                  <li key={operation.id}>{operationText(operation, words)}</li>
                ))}
              </ul>
            ) : null}
          </>
        )}
      </Query>
    </Panel>
  );
}

const isOpen = ({ state }: Operation) => state === "waiting" || state === "running";

function operationText({ kind, table, state, landed, left, tables }: Operation, words: Words): string {
  const sum = (of: (one: Operation["tables"][number]) => number) =>
    count(tables.reduce((all, one) => all + of(one), 0));
  const copies = kind === "resync" || kind === "rebuild";
  const texts = {
    waiting: words.opWaiting,
    running: copies
      ? words.opCopying(
          sum((one) => one.rows),
          sum((one) => Math.max(one.about, one.rows)),
        )
      : words.opRunning(landed),
    done: copies ? words.opCopied : words.opDone(landed, left),
    failed: words.opFailed,
  };
  return words.operation(words.kinds[kind] ?? kind, table ?? words.allTables, texts[state]);
}

function reasonText({ code, reason }: Group, words: Words): string {
  // The stream's own reason: the column, then why.
  if (code === 0) return words.outOfRange(reason.split(":")[0] ?? "");
  const known = words.reasons[reason];
  return known ? `${known}（${code}）` : words.otherReason(`${reason} ${code}`);
}

function LettersTable({ groups }: { groups: Group[] }) {
  const words = useWords(healthWords);
  const today = useToday();
  const mayMend = useMay("system.mend");
  return (
    <table className="list-table hl-letters">
      <thead>
        <tr>
          <th scope="col">{words.letterColumns.table}</th>
          <th scope="col">{words.letterColumns.reason}</th>
          <th scope="col">{words.letterColumns.count}</th>
          <th scope="col">{words.letterColumns.when}</th>
          <th scope="col" className="list-act">
            <span className="visually-hidden">{words.letterColumns.act}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group, at) => (
          <tr key={`${group.table} ${group.code} ${group.reason}`}>
            <td className="list-name">{group.table}</td>
            <td className="hl-detail">
              {reasonText(group, words)}
              {group.keys.length > 0 ? (
                <small>{words.keys(group.keys.slice(0, 3).join("、"), group.count > 3)}</small>
              ) : null}
              {group.emptied > 0 ? <small>{words.emptied(group.emptied)}</small> : null}
            </td>
            <td className="hl-count">{count(group.count)}</td>
            <td>{instantText(group.last, today)}</td>
            <td className="list-act">
              {/* Both take all rows of the table, so they stand once. */}
              {mayMend && groups.findIndex(({ table }) => table === group.table) === at ? (
                <span className="hl-buttons">
                  <Mend kind="repair" table={group.table} />
                  <Mend kind="replay" table={group.table} />
                </span>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Mend({ kind, table }: { kind: "repair" | "replay"; table: string }) {
  const words = useWords(healthWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const mend = useMutation(
    trpc.health[kind].mutationOptions({
      onSuccess: async () => {
        message.success(words.begun);
        await queries.invalidateQueries(trpc.health.pathFilter());
      },
      onError: (error) => sayErrors(error),
    }),
  );
  const isRepair = kind === "repair";
  return (
    <Popconfirm
      title={isRepair ? words.repairAsk(table) : words.replayAsk(table)}
      description={<p className="hl-ask">{isRepair ? words.repairHow : words.replayHow}</p>}
      okText={words.confirm}
      cancelText={words.cancel}
      onConfirm={() => mend.mutate({ id: newId(), table })}
    >
      <Button size="small" loading={mend.isPending}>
        {words[kind]}
      </Button>
    </Popconfirm>
  );
}
