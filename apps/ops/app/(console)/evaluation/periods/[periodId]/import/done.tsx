"use client";

import { Icon } from "@xianfeng/ui/icon";
import { count, useWords } from "@xianfeng/ui/messages";
import { LinkButton } from "@/components/link-button.tsx";
import { evaluationWords } from "../../../words.ts";
import type { Summary } from "./row-state.ts";

/** Step four: what was imported, what was not, and where to go from here. */
export function Done({
  summary,
  periodId,
  restart,
  goOn,
}: {
  summary: Summary;
  periodId: string;
  restart: string;
  goOn: string;
}) {
  const words = useWords(evaluationWords).import;
  const left = summary.counts.refused + summary.counts.confirm;
  const figures = [
    [words.added, summary.outcome.added],
    [words.replaced, summary.outcome.replaced],
    [words.unchanged, summary.outcome.unchanged],
  ] as const;
  return (
    <section className="panel ev-done">
      <h2>
        <span className="ev-tick">
          <Icon name="check" size={20} />
        </span>
        {words.doneTitle(summary.counts.applied)}
      </h2>
      <dl>
        {figures.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              {count(value)}
              <small>{words.valueUnit}</small>
            </dd>
          </div>
        ))}
      </dl>
      {left > 0 ? (
        <p className="ev-warning">
          <Icon name="warning" />
          <span>
            {words.left(left)}，{words.leftHow}
          </span>
        </p>
      ) : null}
      <p className="ev-hint">{words.next}</p>
      <div className="ev-done-acts">
        {left > 0 ? <LinkButton href={goOn}>{words.goOn}</LinkButton> : null}
        <LinkButton href={restart}>{words.another}</LinkButton>
        <LinkButton type="primary" href={`/evaluation/periods/${periodId}?indicator=${summary.indicator.id}`}>
          {words.toPeriod}
        </LinkButton>
      </div>
    </section>
  );
}
