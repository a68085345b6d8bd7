import { domainWords, useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import { AsOf } from "../components/as-of.tsx";
import { DrillSums } from "../components/drill-sums.tsx";
import { LiveNumber } from "../components/live-number.tsx";
import { PageHead } from "../components/page-head.tsx";
import { Empty, PartTrouble } from "../components/states.tsx";
import { useMeetingNumbers } from "../explain/drill.tsx";
import { pageLoader } from "../lib/load.ts";
import { queryAddress, useNamed } from "../lib/named.ts";
import { unlessShownOnly } from "../lib/panel.ts";
import { drillWords } from "../messages/drill.ts";
import { frameWords } from "../messages/frame.ts";
import type { Route } from "./+types/meeting.ts";

export const loader = pageLoader("meeting");
export const shouldRevalidate = unlessShownOnly;

/** The rows at the end of the drill-down. */
export default function MeetingRoute({ loaderData: { attendance, from, today } }: Route.ComponentProps) {
  const words = useWords(drillWords);
  const frame = useWords(frameWords);
  const { meetingKind } = useWords(domainWords);
  const { answer, trouble, again } = useNamed(attendance);
  const data = answer?.data;
  const { sums, find } = useMeetingNumbers(data);
  return (
    <>
      <PageHead
        crumb={
          <>
            <Link to={from ? `/ranking?run=${from}` : "/ranking"}>{words.ranking}</Link>
            {data && data.orgId > 0 && (
              <>
                {" / "}
                <Link to={`/branches/${data.orgId}${from ? `?run=${from}` : ""}`}>{data.branch}</Link>
              </>
            )}
          </>
        }
        title={data?.title ?? words.attendance}
      >
        <AsOf at={answer?.asOf ?? null} today={today} />
        <a className="btn" href={`/meetings/${attendance.params.meeting}`}>
          {words.toOps}
        </a>
        {data && data.rows.length > 0 && (
          <a className="btn" href={queryAddress("meeting-attendance", attendance.params, { format: "csv" })} download>
            {frame.csv}
          </a>
        )}
      </PageHead>
      {!data && trouble && <PartTrouble trouble={trouble} what={words.attendance} again={again} />}
      {data && data.rows.length === 0 && <Empty title={words.noRows}>{words.noRowsHow}</Empty>}
      {data && data.rows.length > 0 && (
        <section className="panel">
          <div className="panel-head">
            <h2>{words.attendance}</h2>
            <span className="mut sm">
              {data.heldOn} {meetingKind[data.kind] ?? data.kind}
            </span>
          </div>
          <dl className="sums three-sums">
            <DrillSums sums={sums} />
          </dl>
          <table className="drill">
            <thead>
              <tr>
                <th scope="col">{words.person}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.counted}</th>
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row) => (
                <tr key={row.id}>
                  <td>{row.name || "—"}</td>
                  <td>
                    <span className={`mark ${row.present ? "ok" : row.state === "leave" ? "off" : "warn"}`}>
                      {words.states[row.state] ?? row.state}
                    </span>
                  </td>
                  <td className={row.expected ? undefined : "mut"}>{row.expected ? words.yes : words.no}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="tip">{words.rule}</p>
        </section>
      )}
      <LiveNumber mart="fct_attendance" at={answer?.asOf ?? null} today={today} find={find} />
    </>
  );
}
