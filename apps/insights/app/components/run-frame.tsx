import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import type { Run } from "../../server/domain.ts";
import type { RunsPage } from "../../server/pages/runs.ts";
import type { Checks } from "../lib/checks.ts";
import { runsWords } from "../messages/runs.ts";

/** Periods by year, each with how far it is. */
export function Periods({ page }: { page: RunsPage }) {
  const words = useWords(runsWords);
  const years = [...new Set(page.periods.map(({ year }) => year))];
  const stateOf = (runs: Run[]) => {
    const published = runs
      .filter((run) => run.report?.state === "published")
      .sort((a, b) => b.versionNo - a.versionNo)[0];
    if (runs.some((run) => run.state === "preview")) return <span className="mark warn">{words.stateOf.preview}</span>;
    if (published) return <span className="mark ok">{words.stateOf.published(published.versionNo)}</span>;
    return (
      <span className="mark off">
        {runs.some((run) => run.state === "live") ? words.stateOf.collecting : words.stateOf.none}
      </span>
    );
  };
  return (
    <nav className="panel" aria-label={words.periods}>
      <div className="panel-head">
        <h2>{words.periods}</h2>
      </div>
      <div className="periods">
        {years.map((year) => (
          <div key={year}>
            <h3>{words.year(year)}</h3>
            {page.periods
              .filter((period) => period.year === year)
              .map((period) => (
                <Link
                  key={period.id}
                  to={`/runs?period=${period.id}`}
                  aria-current={period.id === page.period?.id ? "true" : undefined}
                >
                  {words.half(period.ordinal)}
                  {stateOf(period.runs)}
                </Link>
              ))}
          </div>
        ))}
      </div>
    </nav>
  );
}

/** Four steps, one of them current. */
export function Flow({
  page,
  checks,
  changed,
  ready,
  hasBefore,
}: {
  page: RunsPage;
  checks: Checks;
  changed: number;
  ready: boolean;
  hasBefore: boolean;
}) {
  const words = useWords(runsWords);
  const current = !page.preview ? (page.published ? 3 : 0) : ready ? 2 : 1;
  const isDone = (index: number) => index < current || (!page.preview && page.published !== null);
  const hints = [
    checks.blocking > 0 ? words.step.blocked : words.step.checked,
    ready ? words.step.ready : page.preview ? words.step.waiting : "",
    ready ? (hasBefore ? words.step.changed(changed) : words.step.first) : "",
    page.published ? words.step.published(page.published.versionNo) : "",
  ];
  return (
    <ol className="flow">
      {words.steps.map((step, index) => (
        <li
          key={step}
          className={isDone(index) ? "done" : index === current ? "on" : undefined}
          aria-current={index === current ? "step" : undefined}
        >
          <i>{isDone(index) ? <Icon name="check" size={12} /> : index + 1}</i>
          {step}
          <small>{hints[index]}</small>
        </li>
      ))}
    </ol>
  );
}
