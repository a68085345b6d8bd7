import { useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import { PageHead } from "../components/page-head.tsx";
import { Empty } from "../components/states.tsx";
import { useDates } from "../lib/dates.ts";
import { pageLoader } from "../lib/load.ts";
import { reportWords } from "../messages/report.ts";
import type { Route } from "./+types/mine.ts";

export const loader = pageLoader("mine");

export default function MineRoute({ loaderData: { reports, today } }: Route.ComponentProps) {
  const words = useWords(reportWords);
  const { moment, period } = useDates();
  return (
    <>
      <PageHead crumb={words.mine} title={words.mine} />
      {reports.length === 0 ? (
        <Empty title={words.mineEmpty}>{words.mineEmptyHow}</Empty>
      ) : (
        <section className="panel">
          <ul className="report-list">
            {reports.map(({ run }) => (
              <li key={run.id}>
                <Link to={`/mine/${run.id}`}>
                  <b>{period(run.period.title)}</b>
                  <span className="mut sm">
                    {words.no(run.versionNo)}{" "}
                    {run.publishedAt ? moment(run.publishedAt, Number(today.slice(0, 4))) : ""}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
          <p className="tip">{words.mineHow}</p>
        </section>
      )}
    </>
  );
}
