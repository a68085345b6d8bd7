"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ImportCells, type ImportColumn, importColumnKeys } from "@xianfeng/trpc/evaluation/schema";
import { shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Button } from "antd";
import { domainOf } from "@/components/states.tsx";
import { codeOf, useTRPC } from "@/lib/trpc.tsx";
import { evaluationWords } from "../../../words.ts";
import { CellEditor } from "./cell-editor.tsx";
import type { Row, RowState } from "./row-state.ts";

/** Rows of one state. Faulty cells are edited where they stand; the cause and what to do stand beside them. */
export function RowTable({ rows, state }: { rows: Row[]; state: RowState }) {
  const words = useWords(evaluationWords).import;
  const faulty = state === "refused" || state === "confirm";
  const { fix, confirm, busy } = useCorrections();
  return (
    <table className={faulty ? "ev-rows ev-rows-faulty" : "ev-rows"}>
      <thead>
        <tr>
          <th>{words.no}</th>
          {importColumnKeys.map((column) => (
            <th key={column}>{words.column[column]}</th>
          ))}
          {faulty ? <th>{words.problem}</th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td className="ev-row-no" data-title={words.no}>
              {row.no}
            </td>
            {importColumnKeys.map((column) => (
              <td key={column} data-title={words.column[column]}>
                {faulty ? (
                  <CellEditor
                    column={column}
                    value={row.cells[column]}
                    faulty={row.problems.some((problem) => problem.column === column)}
                    disabled={busy}
                    onSave={(value) => fix(row, { ...row.cells, [column]: value })}
                  />
                ) : (
                  row.cells[column]
                )}
              </td>
            ))}
            {faulty ? (
              <td className="ev-why">
                <Problems row={row} onUse={(column, value) => fix(row, { ...row.cells, [column]: value })} />
                <Candidates row={row} busy={busy} onChoose={(personId) => confirm(row, personId)} />
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Problems({ row, onUse }: { row: Row; onUse: (column: ImportColumn, value: string) => void }) {
  const words = useWords(evaluationWords).import;
  return row.problems.map(({ column, message, suggestion }) => (
    <p key={column} className={row.state === "confirm" ? "ev-ask" : ""}>
      {message}
      {suggestion ? (
        <button type="button" className="link-button" onClick={() => onUse(column, suggestion)}>
          {words.useInstead(suggestion)}
        </button>
      ) : null}
    </p>
  ));
}

function Candidates({ row, busy, onChoose }: { row: Row; busy: boolean; onChoose: (personId: string) => void }) {
  const words = useWords(evaluationWords).import;
  return row.candidates.map((person) => (
    <div key={person.personId} className="ev-candidate">
      <span>{words.candidate(person.name, person.studentNo ?? "", person.branch)}</span>
      <Button size="small" disabled={busy} onClick={() => onChoose(person.personId)}>
        {words.isThis}
      </Button>
    </div>
  ));
}

/** Correcting and confirming rows; counts and rows are read again after each. */
function useCorrections() {
  const words = useWords(evaluationWords).import;
  const shell = useWords(shellWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const again = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: trpc.evaluation.importSummary.pathKey() }),
      queries.invalidateQueries({ queryKey: trpc.evaluation.importRows.pathKey() }),
    ]);
  const fail = async (error: unknown) => {
    message.error(domainOf(error) ?? shell.failedHow(codeOf(error)));
    await again();
  };
  const fixing = useMutation(trpc.evaluation.importFix.mutationOptions({ onError: fail }));
  const confirming = useMutation(trpc.evaluation.importConfirm.mutationOptions({ onError: fail }));
  return {
    busy: fixing.isPending || confirming.isPending,
    async fix(row: Row, cells: ImportCells) {
      const judged = await fixing.mutateAsync({ rowId: row.id, cells }).catch(() => null);
      if (judged === null) return;
      if (judged.state === "ready") message.success(words.savedReady(row.no));
      else message.info(words.savedStill(row.no));
      await again();
    },
    async confirm(row: Row, personId: string) {
      const judged = await confirming.mutateAsync({ rowId: row.id, personId }).catch(() => null);
      if (judged === null) return;
      message.success(words.savedReady(row.no));
      await again();
    },
  };
}
