import { domainWords, useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import { AsOf } from "../components/as-of.tsx";
import { DrillSums } from "../components/drill-sums.tsx";
import { Told } from "../components/figure.tsx";
import { LiveNumber } from "../components/live-number.tsx";
import { PageHead } from "../components/page-head.tsx";
import { Empty, PartTrouble } from "../components/states.tsx";
import { useBranchNumbers } from "../explain/drill.tsx";
import { useDates } from "../lib/dates.ts";
import { pageLoader } from "../lib/load.ts";
import { queryAddress, useNamed } from "../lib/named.ts";
import { unlessShownOnly } from "../lib/panel.ts";
import { drillWords } from "../messages/drill.ts";
import { frameWords } from "../messages/frame.ts";
import type { Route } from "./+types/branch.ts";

export const loader = pageLoader("branch");
export const shouldRevalidate = unlessShownOnly;

/** From a rank to the meetings behind it. */
export default function BranchRoute({ loaderData: { meetings, runId, today } }: Route.ComponentProps) {
  const words = useWords(drillWords);
  const frame = useWords(frameWords);
  const { meetingKind } = useWords(domainWords);
  const { answer, trouble, again } = useNamed(meetings);
  const { period } = useDates();
  const data = answer?.data;
  const rows = data?.meetings ?? [];
  const { sums, ofMeeting, find } = useBranchNumbers(data, runId);
  return (
    <>
      <PageHead
        crumb={
          <>
            <Link to={`/ranking?run=${runId}&branch=${meetings.params.branch}`}>{words.ranking}</Link> /{" "}
            {period(data?.period.title ?? "")}
          </>
        }
        title={data?.branch ?? words.meetings}
      >
        <AsOf at={answer?.asOf ?? null} today={today} />
        {rows.length > 0 && (
          <a className="btn" href={queryAddress("branch-meetings", meetings.params, { format: "csv" })} download>
            {frame.csv}
          </a>
        )}
      </PageHead>
      {!data && trouble && <PartTrouble trouble={trouble} what={words.what} again={again} />}
      {data && rows.length === 0 && <Empty title={words.none}>{words.noneHow}</Empty>}
      {rows.length > 0 && (
        <section className="panel scroll">
          <div className="panel-head">
            <h2>{words.meetings}</h2>
          </div>
          <dl className="sums">
            <div>
              <dt>{words.times}</dt>
              <dd>
                <b className="num">
                  <Told number={sums.times} />
                </b>
                <small>{words.time}</small>
              </dd>
            </div>
            <DrillSums sums={sums} />
          </dl>
          <table className="drill">
            <thead>
              <tr>
                <th scope="col">{words.head.day}</th>
                <th scope="col">{words.head.title}</th>
                <th scope="col" className="low">
                  {words.head.kind}
                </th>
                <th scope="col" className="low">
                  {words.head.place}
                </th>
                <th scope="col" className="r">
                  {words.head.present} / {words.head.expected}
                </th>
                <th scope="col" className="r">
                  {words.head.rate}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const own = ofMeeting(row);
                return (
                  <tr key={row.id}>
                    <td className="num nw">{row.heldOn}</td>
                    <td>
                      <Link to={`/meetings/${row.id}?run=${runId}`}>{row.title || words.see}</Link>
                    </td>
                    <td className="low nw">{meetingKind[row.kind] ?? row.kind}</td>
                    <td className="low mut">{row.place}</td>
                    <td className="r num">
                      <Told number={own.present} />
                      <span className="mut">
                        {" / "}
                        <Told number={own.expected} />
                      </span>
                    </td>
                    <td className="r num b">
                      <Told number={own.rate} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <p className="tip">{words.rule}</p>
        </section>
      )}
      <LiveNumber mart="fct_attendance" at={answer?.asOf ?? null} today={today} find={find} />
    </>
  );
}
