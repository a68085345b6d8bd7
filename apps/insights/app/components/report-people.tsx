import { RankMove } from "@xianfeng/ui/charts";
import { type Fraction, score } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import type { OrgName, SchemeItem, SealedReport, SealedResult } from "../../server/domain.ts";
import { branchMembers, overall, type Place, topPlaces } from "../lib/report.ts";
import { frameWords } from "../messages/frame.ts";
import { rankingWords } from "../messages/ranking.ts";
import { reportWords } from "../messages/report.ts";
import { Figure } from "./figure.tsx";

/** A place shared by more is a count: a list of a hundred first ones says nothing. */
const mostTied = 12;

export function TopTen({
  report,
  orgs,
  people,
  comparable,
}: {
  report: SealedReport;
  orgs: Record<number, OrgName>;
  people: Record<string, string>;
  comparable: boolean;
}) {
  const words = useWords(reportWords);
  const { moved } = useWords(frameWords);
  const { shared } = useWords(rankingWords);
  const named = Object.keys(people).length > 0;
  const columns = [{ indicatorCode: overall, title: words.overall }, ...report.run.items];
  return (
    <>
      <p className="note">
        <Icon name="lock" size={14} />
        {named ? words.privateNote : words.noNames}
      </p>
      <div className="tops">
        {columns.map(({ indicatorCode, title }) => (
          <table key={indicatorCode} className="small-table">
            <thead>
              <tr>
                <th scope="col" colSpan={2}>
                  {title}
                </th>
                <th scope="col" className="r">
                  {words.score}
                </th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {topPlaces(report.results, indicatorCode, comparable).map(({ rank, people: tied }) =>
                tied.length > mostTied ? (
                  <tr key={rank}>
                    <td className="num b nw">
                      {rank}
                      <span className="tie">{shared}</span>
                    </td>
                    <td className="mut">{words.manyTied(tied.length)}</td>
                    <td className="r num">{score(tied[0]?.score ?? null)}</td>
                    <td />
                  </tr>
                ) : (
                  tied.map((person) => (
                    <tr key={person.id}>
                      <td className="num b nw">
                        {rank}
                        {tied.length > 1 && <span className="tie">{shared}</span>}
                      </td>
                      <td>
                        {people[person.id] && <b className="person">{people[person.id]}</b>}
                        <span className="mut sm">{orgs[person.orgId]?.shortName ?? ""}</span>
                      </td>
                      <td className="r num">
                        <Figure
                          name="score"
                          subject={`${person.id}~${indicatorCode}`}
                          label={`${people[person.id] ?? ""} ${title} ${score(person.score)}`.trim()}
                        >
                          {score(person.score)}
                        </Figure>
                      </td>
                      <td className="r">
                        <RankMove change={person.change} words={moved} />
                      </td>
                    </tr>
                  ))
                ),
              )}
            </tbody>
          </table>
        ))}
      </div>
    </>
  );
}

/** For a branch: its own people, with both places. */
export function BranchMembers({
  results,
  items,
  people,
  comparable,
}: {
  results: readonly SealedResult[];
  items: SchemeItem[];
  people: Record<string, string>;
  comparable: boolean;
}) {
  const words = useWords(reportWords);
  const lines = branchMembers(results, overall, comparable);
  const byIndicator = items.map(
    (item) => new Map(branchMembers(results, item.indicatorCode, comparable).map((line) => [line.id, line])),
  );
  return (
    <>
      <h3>{words.members}</h3>
      <p className="lead">{words.membersHow}</p>
      <div className="scroll">
        <table className="small-table members">
          <thead>
            <tr>
              <th scope="col">{words.name}</th>
              <th scope="col" className="r">
                {words.inCollege}
              </th>
              <th scope="col" className="r">
                {words.inBranch}
              </th>
              <th scope="col" className="r">
                {words.overall}
              </th>
              {items.map((item) => (
                <th key={item.indicatorCode} scope="col" className="r">
                  {item.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.id}>
                <td className="nw">{people[line.id] ?? "—"}</td>
                <td className="r num">
                  <PlaceOf person={line.id} population="college" place={line.college} />
                </td>
                <td className="r num">
                  <PlaceOf person={line.id} population="branch" place={line.branch} />
                </td>
                <td className="r num">
                  <ScoreOf person={line.id} code={overall} title={words.overall} score={line.score} />
                </td>
                {byIndicator.map((map, index) => (
                  <td key={items[index]?.indicatorCode} className="r num">
                    <ScoreOf
                      person={line.id}
                      code={items[index]?.indicatorCode ?? ""}
                      title={items[index]?.title ?? ""}
                      score={map.get(line.id)?.score ?? null}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** A person's place, `3 / 708`, that opens where it comes from. */
export function PlaceOf({
  person,
  code = overall,
  population,
  place,
}: {
  person: string;
  code?: string;
  population: "college" | "branch";
  place: Place;
}) {
  const words = useWords(reportWords);
  if (place.rank === null) return "—";
  return (
    <>
      <Figure
        name="place"
        subject={`${person}~${code}~${population}`}
        label={`${population === "branch" ? words.inBranch : words.inCollege} ${place.rank}`}
      >
        {place.rank}
      </Figure>{" "}
      {words.of(place.ofN)}
    </>
  );
}

/** A person's score that opens where it comes from. */
export const ScoreOf = ({
  person,
  code,
  title,
  score: value,
}: {
  person: string;
  code: string;
  title: string;
  score: Fraction | null;
}) => (
  <Figure name="score" subject={`${person}~${code}`} label={`${title} ${score(value)}`}>
    {score(value)}
  </Figure>
);
