"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { shellWords, useWords } from "@xianfeng/ui/messages";
import { Button, Select } from "antd";
import { type DragEvent, useRef, useState } from "react";
import { Panel } from "@/components/panel.tsx";
import { domainOf } from "@/components/states.tsx";
import { sessionFetch } from "@/lib/session-fetch.ts";
import { codeOf, useTRPC } from "@/lib/trpc.tsx";
import { Field } from "../../../field.tsx";
import { readBase64, saveWorkbook } from "../../../files.ts";
import { evaluationWords } from "../../../words.ts";

const longestFile = 4_000_000;

/** Steps one and two: the template to fill in, and the file that was filled in. */
export function Upload({
  periodId,
  indicators,
  indicatorId,
  onIndicator,
  onChecked,
}: {
  periodId: string;
  indicators: { id: string; title: string }[];
  indicatorId: string | null;
  onIndicator: (id: string) => void;
  onChecked: (batchId: string) => void;
}) {
  const words = useWords(evaluationWords).import;
  const [over, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const check = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > longestFile) throw new Error(words.tooLarge);
      const batchId = crypto.randomUUID();
      await send(
        { batchId, periodId, indicatorId, fileName: file.name.slice(-120), file: await readBase64(file) },
        words.notRead,
      );
      return batchId;
    },
    onSuccess: onChecked,
  });
  const take = (file: File | undefined) => {
    if (file && indicatorId && !check.isPending) check.mutate(file);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <div className="ev-upload">
      <Panel title={words.templateTitle} extra={<TemplateLink />}>
        <div className="ev-rules">
          <p>{words.templateHow}</p>
          <ul>
            {words.rules.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        </div>
      </Panel>
      <Panel title={words.steps[1]}>
        <div className="ev-upload-body">
          <Field title={words.indicator}>
            {(id) => (
              <Select
                id={id}
                value={indicatorId}
                onChange={(chosen) => onIndicator(chosen ?? "")}
                options={indicators.map((one) => ({ value: one.id, label: one.title }))}
              />
            )}
          </Field>
          <section
            aria-label={words.choose}
            className={over ? "ev-drop ev-drop-over" : "ev-drop"}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={onDrop}
          >
            <Icon name="upload" size={24} />
            <p className={check.isPending ? "" : "ev-drop-how"}>
              {check.isPending ? words.uploading : over ? words.dropNow : words.drop}
            </p>
            <Button
              type="primary"
              loading={check.isPending}
              disabled={!indicatorId}
              onClick={() => chooser.current?.click()}
            >
              {words.choose}
            </Button>
            <input
              ref={chooser}
              type="file"
              hidden
              aria-label={words.choose}
              accept=".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
              onChange={(event) => {
                take(event.target.files?.[0]);
                // The same file again, corrected meanwhile, is a new choice.
                event.target.value = "";
              }}
            />
          </section>
          {check.error ? (
            <p className="ev-problem" role="alert">
              <Icon name="warning" size={15} />
              <span>{check.error.message}</span>
            </p>
          ) : null}
        </div>
      </Panel>
    </div>
  );
}

/** Sends a workbook to be checked. @throws Error with the server's words for what is wrong with it */
async function send(input: object, otherwise: string): Promise<void> {
  const response = await sessionFetch("/evaluation/upload", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  if (response.ok) return;
  const answer: unknown = await response.json().catch(() => null);
  const message = answer && typeof answer === "object" && "message" in answer ? answer.message : null;
  throw new Error(typeof message === "string" ? message : otherwise);
}

function TemplateLink() {
  const words = useWords(evaluationWords).import;
  const shell = useWords(shellWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const download = useMutation({
    mutationFn: () => queries.fetchQuery(trpc.evaluation.importTemplate.queryOptions()),
    onSuccess: ({ fileName, file }) => saveWorkbook(fileName, file),
  });
  return (
    <>
      {download.error ? (
        <span className="ev-problem" role="alert">
          {domainOf(download.error) ?? shell.failedHow(codeOf(download.error))}
        </span>
      ) : null}
      <button type="button" className="link-button ev-download" onClick={() => download.mutate()}>
        <Icon name="sheet" size={15} />
        {words.download}
      </button>
    </>
  );
}
