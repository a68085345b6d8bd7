import { RankMove } from "@xianfeng/ui/charts";
import { percent, score } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import { Figure } from "../components/figure.tsx";
import { PageHead } from "../components/page-head.tsx";
import { PlaceOf, ScoreOf } from "../components/report-people.tsx";
import { RunNumber } from "../components/run-number.tsx";
import { usePersonNumbers } from "../explain/report.tsx";
import { useDates } from "../lib/dates.ts";
import { pageLoader } from "../lib/load.ts";
import { unlessShownOnly } from "../lib/panel.ts";
import { type OwnLine, overall, ownLines, type Place } from "../lib/report.ts";
import { frameWords } from "../messages/frame.ts";
import { panelWords } from "../messages/panel.ts";
import { reportWords } from "../messages/report.ts";
import type { Route } from "./+types/my-report.ts";

export const loader = pageLoader("my-report");
export const shouldRevalidate = unlessShownOnly;

/** A member's own line: rank = sum, shown as arithmetic; nobody else is on this page. */
export default function MyReportRoute({ loaderData: { report, earlier, today } }: Route.ComponentProps) {
  const words = useWords(reportWords);
  const { run } = report;
  const lines = ownLines(report, words.overall);
  const [total, ...parts] = lines;
  const weights = run.items.reduce((sum, item) => sum + item.weight, 0) || 1;
  const { own } = useWords(panelWords);
  const { dataDay, period } = useDates();
  const person = report.results.find((row) => row.subjectKind === "person")?.subjectId ?? "";
  const find = usePersonNumbers(report.results, run.items, () => own);
  const trend = [...earlier, report]
    .sort((a, b) => a.run.period.startsOn.localeCompare(b.run.period.startsOn))
    .map((one) => ({
      title: period(one.run.period.title),
      id: one.run.id,
      place: ownLines(one, words.overall)[0]?.college,
    }));
  return (
    <>
      <PageHead crumb={`${words.mine} / ${period(run.period.title)}`} title={words.personal}>
        <span className="as-of">
          {words.facts.asOf} {dataDay(run.asOfOn, run.sealedAt)} · {words.facts.scheme} {run.schemeCode} ·{" "}
          {words.no(run.versionNo)}
        </span>
      </PageHead>
      <article className="paper personal">
        {run.note && <p className="note">{run.note}</p>}
        <div className="places">
          <PlaceBox title={words.inCollege} person={person} population="college" place={total?.college} />
          <PlaceBox title={words.inBranch} person={person} population="branch" place={total?.branch} />
        </div>
        {total?.score && (
          <p className="sum">
            {parts
              .map(
                (part) =>
                  `${part.title} ${score(part.score)} × ${percent({ num: BigInt(part.weight ?? 0), den: BigInt(weights) }, 0)}`,
              )
              .join(" + ")}
            {" = "}
            <ScoreOf person={person} code={overall} title={words.overall} score={total.score} />
          </p>
        )}
        <table className="small-table">
          <thead>
            <tr>
              <th scope="col">{words.indicator}</th>
              <th scope="col" className="r">
                {words.score}
              </th>
              <th scope="col" className="r">
                {words.inCollege}
              </th>
              <th scope="col" className="r">
                {words.inBranch}
              </th>
            </tr>
          </thead>
          <tbody>
            {parts.map((line) => (
              <Line key={line.code} line={line} person={person} />
            ))}
          </tbody>
        </table>
        {trend.length > 1 && (
          <>
            <h2>{words.trend}</h2>
            <table className="small-table">
              <tbody>
                {trend.map(({ id, title, place }) => (
                  <tr key={id}>
                    <td>{title}</td>
                    <td className="r num">
                      {place && place.rank !== null ? `${place.rank} ${words.of(place.ofN)}` : words.noRank}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
        <p className="chart-note">{words.weights}</p>
        <p className="chart-note">{words.mineHow}</p>
      </article>
      <RunNumber
        run={{ ...run, state: "sealed" }}
        mart="evaluation_result"
        top={percent({ num: BigInt(run.topShareBp), den: 10_000n }, 0)}
        today={today}
        at={run.sealedAt}
        find={find}
      />
    </>
  );
}

function PlaceBox({
  title,
  person,
  population,
  place,
}: {
  title: string;
  person: string;
  population: "college" | "branch";
  place: Place | undefined;
}) {
  const words = useWords(reportWords);
  const { moved } = useWords(frameWords);
  return (
    <div>
      <h2>{title}</h2>
      {place && place.rank !== null ? (
        <p className="big">
          <b>
            <Figure
              name="place"
              subject={`${person}~${overall}~${population}`}
              label={`${title} ${words.myRank(place.rank)}`}
            >
              {words.myRank(place.rank)}
            </Figure>
          </b>
          <span className="mut">{words.ofPeople(place.ofN)}</span>
          <RankMove change={place.change} words={moved} />
        </p>
      ) : (
        <p className="mut">{words.noRank}</p>
      )}
    </div>
  );
}

function Line({ line, person }: { line: OwnLine; person: string }) {
  return (
    <tr>
      <td>{line.title}</td>
      <td className="r num">
        <ScoreOf person={person} code={line.code} title={line.title} score={line.score} />
      </td>
      <td className="r num">
        <PlaceOf person={person} code={line.code} population="college" place={line.college} />
      </td>
      <td className="r num">
        <PlaceOf person={person} code={line.code} population="branch" place={line.branch} />
      </td>
    </tr>
  );
}
