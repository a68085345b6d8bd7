"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Button, Input, Modal } from "antd";
import { useId, useState } from "react";
import { domainOf } from "@/components/states.tsx";
import { codeOf, useTRPC } from "@/lib/trpc.tsx";
import { evaluationWords } from "./words.ts";
import "./evaluation.css";

/** Takes a published report away from everybody. Says what stays, what cannot be called back, and asks why. */
export function RetractDialog({
  report,
  onClose,
  onDone,
}: {
  report: { runId: string; versionNo: number };
  onClose: () => void;
  onDone?: () => void;
}) {
  const words = useWords(evaluationWords).retract;
  const shell = useWords(shellWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const id = useId();
  const retract = useMutation(
    trpc.evaluation.retract.mutationOptions({
      onSuccess: async () => {
        onClose();
        message.success(words.done(report.versionNo));
        onDone?.();
        await queries.invalidateQueries({ queryKey: trpc.evaluation.pathKey() });
      },
      onError: (error) => setProblem(domainOf(error) ?? shell.failedHow(codeOf(error))),
    }),
  );
  const choose = (text: string) => {
    setReason(text);
    setProblem("");
  };
  const submit = () => {
    if (reason.trim() === "") setProblem(words.empty);
    else retract.mutate({ runId: report.runId, reason });
  };
  return (
    <Modal
      open
      title={words.title(report.versionNo)}
      width={600}
      onCancel={onClose}
      mask={{ closable: false }}
      footer={
        <div className="ev-dialog-foot">
          <span>{words.foot}</span>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button danger loading={retract.isPending} onClick={submit}>
            {words.submit(report.versionNo)}
          </Button>
        </div>
      }
    >
      <p className="ev-warning">
        <Icon name="warning" />
        <span>{words.now}</span>
      </p>
      <label className="ev-label" htmlFor={id}>
        {words.reason} <em>*</em>
      </label>
      <div className="ev-chips">
        {words.reasons.map((choice) => (
          <button key={choice} type="button" aria-pressed={reason === choice} onClick={() => choose(choice)}>
            {choice}
          </button>
        ))}
      </div>
      <Input.TextArea
        id={id}
        rows={2}
        maxLength={200}
        value={reason}
        status={problem ? "error" : ""}
        onChange={(event) => choose(event.target.value)}
        aria-describedby={`${id}-hint`}
      />
      <p className={problem ? "ev-problem" : "ev-hint"} id={`${id}-hint`} role={problem ? "alert" : undefined}>
        {problem || words.reasonHint}
      </p>
      <dl className="ev-facts">
        <dt>{words.stays}</dt>
        <dd>{words.staysWhat}</dd>
        <dt>{words.gone}</dt>
        <dd>{words.goneWhat}</dd>
      </dl>
    </Modal>
  );
}
