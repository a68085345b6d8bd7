"use client";

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { instantText, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Button, Pagination } from "antd";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { domainOf, Empty, Query } from "@/components/states.tsx";
import { useToday } from "@/lib/identity.tsx";
import { codeOf, useTRPC } from "@/lib/trpc.tsx";
import { pageOf, replaceAddress } from "../../../address.ts";
import { saveCsv } from "../../../files.ts";
import { evaluationWords } from "../../../words.ts";
import { firstState, type RowState, rowStates, type Summary } from "./row-state.ts";
import { RowTable } from "./row-table.tsx";

const size = 50;

/** Step three: what would happen row by row, and everything that has to be put right first. */
export function Review({
  summary,
  state,
  restart,
  address,
}: {
  summary: Summary;
  /** The rows that are asked for in the address; otherwise those that need somebody. */
  state: RowState | null;
  restart: string;
  address: (query: Record<string, string>) => string;
}) {
  const words = useWords(evaluationWords).import;
  const shell = useWords(shellWords);
  const router = useRouter();
  const page = pageOf(useSearchParams());
  const shown = state ?? firstState(summary);
  const rows = useQuery({
    ...useTRPC().evaluation.importRows.queryOptions({ batchId: summary.batchId, state: shown, page, size }),
    placeholderData: keepPreviousData,
  });
  const go = (query: Record<string, string>) => replaceAddress(address(query));
  return (
    <>
      <Notes summary={summary} />
      <section className="panel">
        <Counts summary={summary} shown={shown} onChoose={(next) => go({ state: next })} />
        <div className="ev-tools">
          {summary.counts.refused + summary.counts.confirm > 0 ? <FaultyLink batchId={summary.batchId} /> : null}
          <Link className="ev-download" href={restart} prefetch={false}>
            <Icon name="upload" size={15} />
            {words.again}
          </Link>
        </div>
        <Query of={rows} what={words.titlePlain} rows={8}>
          {(data) =>
            data.rows.length === 0 ? (
              <Empty title={words.nothing[shown]} how={words.nothingHow} />
            ) : (
              <div className={rows.isPlaceholderData ? "ev-dim" : ""}>
                <RowTable rows={data.rows} state={shown} />
                {data.total > size ? (
                  <footer className="ev-pages">
                    <span>{shell.total(data.total, data.capped, words.rowsUnit)}</span>
                    <Pagination
                      size="small"
                      current={page}
                      pageSize={size}
                      total={data.total}
                      showSizeChanger={false}
                      onChange={(next) => go({ state: shown, page: String(next) })}
                    />
                  </footer>
                ) : null}
              </div>
            )
          }
        </Query>
        <Foot summary={summary} restart={restart} onApplied={() => router.push(address({}))} />
      </section>
    </>
  );
}

/** The counts are the filters. */
function Counts({
  summary,
  shown,
  onChoose,
}: {
  summary: Summary;
  shown: RowState;
  onChoose: (state: RowState) => void;
}) {
  const words = useWords(evaluationWords).import;
  return (
    <fieldset className="ev-counts" aria-label={words.filterLabel}>
      {rowStates.map((state) => (
        <button
          key={state}
          type="button"
          className={`ev-count-${state}`}
          aria-pressed={state === shown}
          onClick={() => onChoose(state)}
        >
          <b className={summary.counts[state] === 0 ? "ev-zero" : ""}>{summary.counts[state]}</b>
          {words.rowsUnit}
          <span>{words[state]}</span>
        </button>
      ))}
    </fieldset>
  );
}

/** What is easily overlooked: the file was here before, rows are hidden, other sheets were not read. */
function Notes({ summary }: { summary: Summary }) {
  const words = useWords(evaluationWords).import;
  const today = useToday();
  const { sameFile, sheet } = summary;
  const time = sameFile?.appliedAt ? instantText(new Date(sameFile.appliedAt), today) : "";
  const notes = [
    ...(summary.known > 0 ? [words.known(summary.known)] : []),
    ...(sheet.hiddenRows > 0 ? [words.hidden(sheet.hiddenRows)] : []),
    ...(sheet.others > 0 ? [words.others(sheet.name, sheet.others)] : []),
  ];
  return (
    <>
      {sameFile ? (
        <p className="ev-warning" role="status">
          <Icon name="warning" />
          <span>{sameFile.sameTarget ? words.sameFile(time) : words.sameFileElsewhere(time)}</span>
        </p>
      ) : null}
      {notes.length > 0 ? (
        <p className="ev-notes">
          <Icon name="info" />
          <span>{notes.join("")}</span>
        </p>
      ) : null}
    </>
  );
}

function FaultyLink({ batchId }: { batchId: string }) {
  const words = useWords(evaluationWords).import;
  const shell = useWords(shellWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const download = useMutation({
    // Asked for anew each time: rows may have been corrected since.
    mutationFn: () => queries.fetchQuery({ ...trpc.evaluation.importFaulty.queryOptions({ batchId }), staleTime: 0 }),
    onSuccess: ({ fileName, text }) => saveCsv(fileName, text),
    onError: (error) => message.error(domainOf(error) ?? shell.failedHow(codeOf(error))),
  });
  return (
    <button type="button" className="link-button ev-download" onClick={() => download.mutate()}>
      <Icon name="sheet" size={15} />
      {words.downloadFaulty}
    </button>
  );
}

function Foot({ summary, restart, onApplied }: { summary: Summary; restart: string; onApplied: () => void }) {
  const words = useWords(evaluationWords).import;
  const shell = useWords(shellWords);
  const today = useToday();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const { message, modal } = App.useApp();
  const { batchId, counts } = summary;
  const fail = (error: unknown) => message.error(domainOf(error) ?? shell.failedHow(codeOf(error)));
  const apply = useMutation(
    trpc.evaluation.importApply.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.evaluation.pathKey() });
        onApplied();
      },
      onError: fail,
    }),
  );
  const discard = useMutation(
    trpc.evaluation.importDiscard.mutationOptions({ onSuccess: () => router.push(restart), onError: fail }),
  );
  const left = counts.ready + counts.refused + counts.confirm;
  const askDiscard = () =>
    modal.confirm({
      title: words.discardTitle,
      content: words.discardHow(left),
      okText: words.discard,
      okButtonProps: { danger: true, type: "default" },
      cancelText: words.keep,
      onOk: () => discard.mutateAsync({ batchId }).catch(() => undefined),
    });
  return (
    <div className="ev-foot">
      <p>{words.foot(instantText(new Date(summary.expiresAt), today))}</p>
      <Button onClick={askDiscard} loading={discard.isPending}>
        {words.discard}
      </Button>
      <Button
        type="primary"
        disabled={counts.ready === 0}
        loading={apply.isPending}
        onClick={() => apply.mutate({ batchId })}
      >
        {counts.ready === 0
          ? words.applyNone
          : counts.ready === left
            ? words.applyAll(counts.ready)
            : words.applyReady(counts.ready)}
      </Button>
    </div>
  );
}
