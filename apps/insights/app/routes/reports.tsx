import { useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import { PageHead } from "../components/page-head.tsx";
import { Empty } from "../components/states.tsx";
import { useDates } from "../lib/dates.ts";
import { pageLoader } from "../lib/load.ts";
import { reportWords } from "../messages/report.ts";
import type { Route } from "./+types/reports.ts";

export const loader = pageLoader("reports");

export default function ReportsRoute({ loaderData: { reports, today, mayGenerate } }: Route.ComponentProps) {
  const words = useWords(reportWords);
  const { moment, period } = useDates();
  const toRuns = mayGenerate && (
    <Link className="btn" to="/runs">
      {words.toRuns}
    </Link>
  );
  return (
    <>
      <PageHead crumb={words.list} title={words.list}>
        {reports.length > 0 && toRuns}
      </PageHead>
      {reports.length === 0 ? (
        <Empty title={words.empty} action={toRuns}>
          {words.emptyHow}
        </Empty>
      ) : (
        <section className="panel scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{words.period}</th>
                <th scope="col">{words.version}</th>
                <th scope="col">{words.published}</th>
                <th scope="col">{words.note}</th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {reports.map((report) => (
                <tr key={report.runId}>
                  <td className="nw b">{period(report.title)}</td>
                  <td className="nw">{words.no(report.versionNo)}</td>
                  <td className="nw num">
                    {report.publishedAt ? moment(report.publishedAt, Number(today.slice(0, 4))) : "—"}
                  </td>
                  <td>{report.note || <span className="mut">—</span>}</td>
                  <td className="r nw">
                    <Link to={`/reports/${report.runId}`}>{words.open}</Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="tip">{words.listHow}</p>
        </section>
      )}
    </>
  );
}
