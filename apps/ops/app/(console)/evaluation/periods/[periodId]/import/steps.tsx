"use client";

import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { evaluationWords } from "../../../words.ts";
import type { Summary } from "./row-state.ts";

/** The four steps and the current one, counted from 0. */
export function Steps({ step, summary }: { step: number; summary: Summary | undefined }) {
  const words = useWords(evaluationWords).import;
  const faulty = summary ? summary.counts.refused + summary.counts.confirm : 0;
  const remark = (at: number) => {
    if (at === 1 && step > 1) return summary?.fileName ?? "";
    return at === 2 && step === 2 && faulty > 0 ? words.faulty(faulty) : "";
  };
  return (
    <ol className="ev-steps" aria-label={words.stepsLabel}>
      {words.steps.map((title, at) => (
        <li
          key={title}
          className={at < step ? "ev-step-past" : at === step ? "ev-step-here" : ""}
          aria-current={at === step ? "step" : undefined}
        >
          <i>{at < step ? <Icon name="check" size={14} /> : at + 1}</i>
          <span>{title}</span>
          {remark(at) ? <small title={remark(at)}>{remark(at)}</small> : null}
        </li>
      ))}
    </ol>
  );
}
