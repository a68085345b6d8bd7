import { count, fraction, percent } from "@xianfeng/ui/format";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import { AsOf } from "../components/as-of.tsx";
import { PageHead } from "../components/page-head.tsx";
import { Empty, PartTrouble } from "../components/states.tsx";
import { pageLoader } from "../lib/load.ts";
import { queryAddress, useNamed } from "../lib/named.ts";
import { drillWords } from "../messages/drill.ts";
import { frameWords } from "../messages/frame.ts";
import type { Route } from "./+types/branch.ts";

export const loader = pageLoader("branch");

/** From a rank to the meetings behind it. */
export default function BranchRoute({ loaderData: { meetings, runId, today } }: Route.ComponentProps) {
  const words = useWords(drillWords);
  const frame = useWords(frameWords);
  const { meetingKind } = useWords(domainWords);
  const { answer, trouble, again } = useNamed(meetings);
  const data = answer?.data;
  const rows = data?.meetings ?? [];
  const [expected, present] = [
    rows.reduce((sum, row) => sum + row.expected, 0),
    rows.reduce((sum, row) => sum + row.present, 0),
  ];
  return (
    <>
      <PageHead
        crumb={
          <>
            <Link to={`/ranking?run=${runId}&branch=${meetings.params.branch}`}>{words.ranking}</Link> /{" "}
            {data?.period.title ?? ""}
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
            <span className="mut sm">
              {words.sum(count(rows.length), count(present), count(expected), percent(fraction(present, expected)))}
            </span>
          </div>
          <table className="drill">
            <thead>
              <tr>
                <th scope="col">{words.head.day}</th>
                <th scope="col">{words.head.title}</th>
                <th scope="col">{words.head.kind}</th>
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
              {rows.map((row) => (
                <tr key={row.id}>
                  <td className="num nw">{row.heldOn}</td>
                  <td>
                    <Link to={`/meetings/${row.id}?run=${runId}`}>{row.title || words.see}</Link>
                  </td>
                  <td className="nw">{meetingKind[row.kind] ?? row.kind}</td>
                  <td className="low mut">{row.place}</td>
                  <td className="r num">
                    {count(row.present)}
                    <span className="mut"> / {count(row.expected)}</span>
                  </td>
                  <td className="r num b">{percent(fraction(row.present, row.expected))}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="tip">{words.rule}</p>
        </section>
      )}
    </>
  );
}
