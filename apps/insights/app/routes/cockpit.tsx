import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { DutyGrid, prepareDuties, TrendChart } from "@xianfeng/ui/charts";
import { count, dayLong, fraction, percent, smallCell } from "@xianfeng/ui/format";
import { Logo } from "@xianfeng/ui/icon";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { wall as wallColours } from "@xianfeng/ui/tokens";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { CockpitPage } from "../../server/pages/cockpit.ts";
import type { Wall } from "../../server/query/wall.ts";
import { AsOf } from "../components/as-of.tsx";
import { ErrorState, PartTrouble } from "../components/states.tsx";
import { LiveProvider } from "../lib/live.tsx";
import { pageLoader } from "../lib/load.ts";
import { useNamed } from "../lib/named.ts";
import { cockpitWords } from "../messages/cockpit.ts";
import type { Route } from "./+types/cockpit.ts";

export const loader = pageLoader("cockpit");

export const meta: Route.MetaFunction = () => [{ title: "先锋 数据驾驶舱" }];

/** The wall: 1920 × 1080, everything in rem of a hundred-and-ninety-second of its width. Nothing scrolls, rotates or ticks. */
export default function CockpitRoute({ loaderData }: Route.ComponentProps) {
  const [client] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={client}>
      <LiveProvider>
        <Cockpit page={loaderData} />
      </LiveProvider>
    </QueryClientProvider>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return (
    <main className="main">
      <ErrorState error={error} />
    </main>
  );
}

function Cockpit({ page }: { page: CockpitPage }) {
  const words = useWords(cockpitWords);
  const { answer, trouble, again } = useNamed(page.wall);
  return (
    <div className="wall">
      <main className="wall-page">
        <header>
          <Logo size={44} />
          <h1>
            {page.orgName}
            <span>{words.title}</span>
          </h1>
          <b>{dayLong(page.today)}</b>
        </header>
        {!answer && trouble && <PartTrouble trouble={trouble} what={words.what} again={again} />}
        {answer && <Board wall={answer.data} />}
        <footer>
          <AsOf at={answer?.asOf ?? null} today={page.today} />
          <span>{words.small}</span>
          {!page.onlyWall && <Link to="/">{words.back}</Link>}
        </footer>
      </main>
    </div>
  );
}

/** How much larger than 1920 the wall is: the one thing that a style sheet cannot tell a chart. */
function useScale(): number {
  const [scale, setScale] = useState(1);
  useEffect(() => {
    const measure = () => setScale(Math.max(0.5, window.innerWidth / 1920));
    measure();
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  return scale;
}

function Board({ wall }: { wall: Wall }) {
  const scale = useScale();
  const words = useWords(cockpitWords);
  const { meetingKind } = useWords(domainWords);
  const quarter = Math.ceil(Number(wall.month.slice(5)) / 3);
  const rate = wall.attendance && fraction(wall.attendance.num, wall.attendance.den);
  return (
    <>
      <section className="wall-figures">
        <WallFigure
          title={words.members}
          value={smallCell(wall.members.total)}
          unit={words.person}
          hint={words.parts(smallCell(wall.members.full), smallCell(wall.members.probationary))}
        />
        <WallFigure
          title={words.orgs}
          value={count(wall.orgs.total)}
          unit={words.org}
          hint={words.orgParts(wall.orgs.committees, wall.orgs.generalBranches, wall.orgs.branches)}
        />
        <WallFigure
          title={words.monthMeetings(Number(wall.month.slice(5)))}
          value={count(wall.meetings.month)}
          unit={words.time}
          hint=""
        />
        <WallFigure
          title={words.quarterMeetings(quarter)}
          value={count(wall.meetings.quarter)}
          unit={words.time}
          hint=""
        />
        <WallFigure
          title={words.attendance(quarter)}
          value={percent(rate).replace("%", "")}
          unit={rate ? "%" : ""}
          hint={
            wall.attendance ? words.present(count(wall.attendance.num), count(wall.attendance.den)) : words.noMeetings
          }
        />
      </section>
      <div className="wall-body">
        <section>
          <h2>{words.byKind}</h2>
          <table className="wall-kinds">
            <thead>
              <tr>
                <th />
                <th scope="col">{words.thisMonth}</th>
                <th scope="col">{words.thisQuarter}</th>
              </tr>
            </thead>
            <tbody>
              {wall.meetings.byKind.map((line) => (
                <tr key={line.kind}>
                  <th scope="row">{meetingKind[line.kind] ?? line.kind}</th>
                  <td>{count(line.month)}</td>
                  <td>{count(line.quarter)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <h2>
            {words.monthly}
            <small>{words.monthlyHint}</small>
          </h2>
          <TrendChart
            points={wall.attendanceByMonth.map(({ month, num, den }) => ({
              label: String(Number(month.slice(5))),
              share: den > 0 ? fraction(num, den) : null,
            }))}
            label={words.monthly}
            colours={wallColours}
            height="calc(30 * var(--u))"
            size={{ width: 440, height: 300 }}
            fontSize="calc(1.7 * var(--u))"
            axisWidth={64}
            scale={scale}
          />
        </section>
        <Duties wall={wall} />
      </div>
    </>
  );
}

const WallFigure = ({ title, value, unit, hint }: { title: string; value: string; unit: string; hint: string }) => (
  <div>
    <h2>{title}</h2>
    <p className="v num">
      {value}
      <small>{unit}</small>
    </p>
    <p className="s">{hint}</p>
  </div>
);

function Duties({ wall }: { wall: Wall }) {
  const words = useWords(cockpitWords);
  const { category } = useWords(domainWords);
  const rows = prepareDuties(
    wall.units.map(({ id }) => id),
    wall.months,
    wall.duties,
    wall.month,
  );
  return (
    <section>
      <h2>
        {words.duties}
        <small>{words.dutiesHint}</small>
        <span className="legend">
          <span>
            <i className="xf-done" />
            {words.legend.done}
          </span>
          <span>
            <i className="xf-missed">2</i>
            {words.legend.missed}
          </span>
          <span>
            <i className="xf-cell xf-now" />
            {words.legend.now}
          </span>
          <span>— {words.legend.absent}</span>
        </span>
      </h2>
      <DutyGrid
        rows={rows}
        months={wall.months}
        current={wall.month}
        groups={new Map(wall.units.map((unit) => [unit.id, category[unit.category] ?? ""]))}
        names={new Map(wall.units.map((unit) => [unit.id, unit.name]))}
        words={{
          month: words.month,
          rate: words.rate,
          cell: (cell) =>
            cell.state === "done"
              ? words.cell.done(cell.total)
              : cell.state === "missed"
                ? words.cell.missed(cell.missed, cell.total)
                : cell.state === "now"
                  ? words.cell.now(cell.done, cell.total)
                  : words.cell[cell.state],
        }}
        label={words.duties}
        rate={(row) => ({
          text: row.due === 0 ? "—" : `${percent(fraction(row.inTime, row.due), 0)}　${row.inTime}/${row.due}`,
          // Below 95 % the row asks to be looked at.
          behind: row.due > 0 && row.inTime * 100 < row.due * 95,
        })}
      />
    </section>
  );
}
