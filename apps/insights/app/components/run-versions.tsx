import { useWords } from "@xianfeng/ui/messages";
import { Form, Link } from "react-router";
import type { Run } from "../../server/domain.ts";
import type { RunsPage } from "../../server/pages/runs.ts";
import { useDates } from "../lib/dates.ts";
import { runsWords } from "../messages/runs.ts";

/** Versions of a period, newest first, and who can see them now. */
export function RunVersions({ page }: { page: RunsPage }) {
  const words = useWords(runsWords);
  const runs = (page.period?.runs ?? []).filter((run) => run.state === "preview" || run.state === "sealed");
  const year = Number(page.today.slice(0, 4));
  return (
    <aside className="stack">
      <section className="panel">
        <div className="panel-head">
          <h2>{words.versions}</h2>
        </div>
        <div className="panel-body">
          {runs.length === 0 && <p className="mut sm">{words.noEntries}</p>}
          <ul className="versions">
            {runs.map((run) => (
              <Version
                key={run.id}
                run={run}
                earlier={earlierThan(run, runs)}
                year={year}
                periodId={page.period?.id ?? ""}
              />
            ))}
          </ul>
        </div>
      </section>
      <section className="panel">
        <div className="panel-head">
          <h2>{words.whoSees}</h2>
        </div>
        <div className="panel-body">
          {page.published ? (
            <dl className="kv">
              {words.audience.map(([who, sees]) => (
                <div key={who}>
                  <dt>{who}</dt>
                  <dd>{sees}</dd>
                </div>
              ))}
            </dl>
          ) : (
            <p className="mut sm">{words.nobody}</p>
          )}
        </div>
      </section>
    </aside>
  );
}

type VersionProps = { run: Run; earlier: Run | undefined; year: number; periodId: string };

/** The newest published version before a published one. */
const earlierThan = (run: Run, runs: readonly Run[]): Run | undefined =>
  run.report?.state === "published"
    ? runs
        .filter((other) => other.report?.state === "published" && other.versionNo < run.versionNo)
        .sort((a, b) => b.versionNo - a.versionNo)[0]
    : undefined;

function Version({ run, earlier, year, periodId }: VersionProps) {
  const words = useWords(runsWords);
  const { report } = run;
  const { moment } = useDates();
  const state = run.state === "preview" ? "preview" : report?.state === "retracted" ? "retracted" : "published";
  const tone = { preview: "tag act", published: "tag ok", retracted: "tag" }[state];
  return (
    <li className={`is-${state}`}>
      <p className="h">
        <b>{words.versionNo(run.versionNo)}</b>
        <span className={tone}>{words.tags[state]}</span>
      </p>
      {state === "preview" && <p>{words.madeAt(moment(run.createdAt, year))}</p>}
      {report?.publishedAt && <p>{words.publishedAt(moment(report.publishedAt, year))}</p>}
      {report?.retractedAt && <p>{words.retractedAt(moment(report.retractedAt, year))}</p>}
      {report?.reason && <p>{words.because(report.reason)}</p>}
      {report?.note && <p>{report.note}</p>}
      {state === "published" && run.digest && (
        <p className="num">{words.digest(`${run.digest.slice(0, 6)}…${run.digest.slice(-4)}`)}</p>
      )}
      {state !== "retracted" && (
        <div className="a">
          {state === "published" && <Link to={`/reports/${run.id}`}>{words.seeReport}</Link>}
          <Link to={`/ranking?run=${run.id}`}>{words.seeRanking}</Link>
          {earlier && (
            <Link to={`/runs?period=${periodId}&compare=${run.id}`}>{words.compareWith(earlier.versionNo)}</Link>
          )}
          {state === "preview" && (
            <Form method="post" action={`/runs?period=${periodId}`}>
              <input type="hidden" name="act" value="discard" />
              <input type="hidden" name="periodId" value={periodId} />
              <input type="hidden" name="runId" value={run.id} />
              <button type="submit" className="link">
                {words.discard}
              </button>
            </Form>
          )}
        </div>
      )}
    </li>
  );
}
