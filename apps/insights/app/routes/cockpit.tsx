import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { TrendChart } from "@xianfeng/ui/charts";
import { DutyGrid, DutyLegend, type DutyRow, prepareDuties } from "@xianfeng/ui/duty-grid";
import { count, fraction, smallCell } from "@xianfeng/ui/format";
import { Logo } from "@xianfeng/ui/icon";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { wall as wallColours } from "@xianfeng/ui/tokens";
import { type ReactNode, useEffect, useState } from "react";
import { Link } from "react-router";
import type { CockpitPage } from "../../server/pages/cockpit.ts";
import type { Wall } from "../../server/query/wall.ts";
import { AsOf } from "../components/as-of.tsx";
import { ChartBox, ChartTools } from "../components/chart-box.tsx";
import { Told } from "../components/figure.tsx";
import { LiveNumber } from "../components/live-number.tsx";
import { ErrorState, PartTrouble } from "../components/states.tsx";
import { useWallNumbers } from "../explain/wall.tsx";
import { useDates } from "../lib/dates.ts";
import type { Explained } from "../lib/explain.ts";
import { LiveProvider } from "../lib/live.tsx";
import { pageLoader } from "../lib/load.ts";
import { useNamed } from "../lib/named.ts";
import { unlessShownOnly } from "../lib/panel.ts";
import { dutySheet, trendSheet } from "../lib/sheets.ts";
import { cockpitWords } from "../messages/cockpit.ts";
import { sheetWords } from "../messages/sheet.ts";
import type { Route } from "./+types/cockpit.ts";

export const loader = pageLoader("cockpit");
export const shouldRevalidate = unlessShownOnly;

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
  const { dayLong } = useDates();
  useEffect(() => {
    window.addEventListener("keydown", moveAmongFigures);
    return () => window.removeEventListener("keydown", moveAmongFigures);
  }, []);
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
        {answer && <Board wall={answer.data} at={answer.asOf} today={page.today} />}
        <footer>
          <AsOf at={answer?.asOf ?? null} today={page.today} />
          <span>{words.small}</span>
          <span>{words.how}</span>
          {!page.onlyWall && <Link to="/">{words.back}</Link>}
        </footer>
      </main>
    </div>
  );
}

const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** A remote control has arrows and Enter: they go from figure to figure, in the order of reading. */
function moveAmongFigures(event: KeyboardEvent): void {
  const step = steps[event.key];
  // An open number keeps its own keys.
  if (step === undefined || document.querySelector("dialog[open]")) return;
  const figures = [...document.querySelectorAll<HTMLElement>(".wall-page a.figure")];
  const at = figures.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? figures[0] : figures[(at + step + figures.length) % figures.length];
  if (!next) return;
  event.preventDefault();
  next.focus();
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

function Board({ wall, at, today }: { wall: Wall; at: string | null; today: string }) {
  const scale = useScale();
  const words = useWords(cockpitWords);
  const heads = useWords(sheetWords);
  const { meetingKind } = useWords(domainWords);
  const quarter = Math.ceil(Number(wall.month.slice(5)) / 3);
  const duties = prepareDuties(
    wall.units.map(({ id }) => id),
    wall.months,
    wall.duties,
    wall.month,
  );
  const numbers = useWallNumbers(wall, duties);
  const points = wall.attendanceByMonth.map(({ month, num, den }) => ({
    label: String(Number(month.slice(5))),
    share: den > 0 ? fraction(num, den) : null,
  }));
  const trend = trendSheet(points, words.monthly, [heads.month, heads.present, heads.expected, words.rateHead]);
  return (
    <>
      <section className="wall-figures">
        <WallFigure
          title={words.members}
          number={numbers.members}
          hint={words.parts(smallCell(wall.members.full), smallCell(wall.members.probationary))}
        />
        <WallFigure
          title={words.orgs}
          number={numbers.orgs}
          hint={words.orgParts(wall.orgs.committees, wall.orgs.generalBranches, wall.orgs.branches)}
        />
        <WallFigure title={words.monthMeetings(Number(wall.month.slice(5)))} number={numbers.held.month} hint="" />
        <WallFigure title={words.quarterMeetings(quarter)} number={numbers.held.quarter} hint="" />
        <WallFigure
          title={words.attendance(quarter)}
          number={numbers.attendance}
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
              {numbers.heldByKind.map((line) => (
                <tr key={line.kind}>
                  <th scope="row">{meetingKind[line.kind] ?? line.kind}</th>
                  <td>
                    <Told number={line.month} />
                  </td>
                  <td>
                    <Told number={line.quarter} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <h2>
            {words.monthly}
            <small>{words.monthlyHint}</small>
            <ChartTools chart="monthly" sheet={trend} />
          </h2>
          <ChartBox
            bare
            chart="monthly"
            sheet={trend}
            numberOf={(row, column) => (column === 3 ? (numbers.byMonth[row] ?? null) : null)}
          >
            <TrendChart
              points={points}
              label={words.monthly}
              colours={wallColours}
              height="calc(30 * var(--u))"
              size={{ width: 440, height: 300 }}
              fontSize="calc(1.7 * var(--u))"
              axisWidth={64}
              scale={scale}
            />
          </ChartBox>
        </section>
        <Duties wall={wall} rows={duties} numbers={numbers.duties} />
      </div>
      <LiveNumber mart="wall_org_month" at={at} today={today} find={numbers.find} />
    </>
  );
}

const WallFigure = ({ title, number, hint }: { title: string; number: Explained; hint: ReactNode }) => (
  <div>
    <h2>{title}</h2>
    <p className="v num">
      <Told number={number} />
      <small>{number.unit}</small>
    </p>
    <p className="s">{hint}</p>
  </div>
);

function Duties({
  wall,
  rows,
  numbers,
}: {
  wall: Wall;
  rows: readonly DutyRow[];
  numbers: ReadonlyMap<string, Explained>;
}) {
  const words = useWords(cockpitWords);
  const heads = useWords(sheetWords);
  const { category } = useWords(domainWords);
  const units = new Map(wall.units.map((unit) => [unit.id, unit]));
  const names = new Map(wall.units.map((unit) => [unit.id, unit.name]));
  const { legend } = words;
  const sheet = dutySheet(rows, names, wall.months, `${words.duties} ${legend.missed}`, heads, words.month);
  const states = {
    done: legend.done,
    late: "",
    missed: legend.missed,
    now: legend.now,
    future: words.cell.future,
    none: legend.absent,
  };
  return (
    <section>
      <h2>
        {words.duties}
        <small>{words.dutiesHint}</small>
        <DutyLegend words={{ states }} shown={["done", "missed", "now", "none"]} />
        <ChartTools chart="duties" sheet={sheet} />
      </h2>
      <ChartBox
        bare
        chart="duties"
        sheet={sheet}
        numberOf={(row, column) =>
          column === wall.months.length + 3 ? (numbers.get(rows[row]?.unit ?? "") ?? null) : null
        }
      >
        <DutyGrid
          here={Number(wall.month.slice(5))}
          rows={rows.map((row) => {
            const number = numbers.get(row.unit);
            return {
              key: row.unit,
              title: names.get(row.unit) ?? row.unit,
              group: category[units.get(row.unit)?.category ?? ""] ?? "",
              cells: row.cells,
              done: row.inTime,
              due: row.due,
              tally: (
                <>
                  {number && <Told number={number} />}
                  {row.due > 0 && `　${row.inTime}/${row.due}`}
                </>
              ),
              // Below 95 % the row asks to be looked at.
              behind: row.due > 0 && row.inTime * 100 < row.due * 95,
            };
          })}
          words={{
            caption: words.duties,
            month: words.month,
            day: () => "",
            madeUp: () => "",
            missed: "",
            open: () => "",
            tally: words.rate,
            states,
            cell: ({ state, count: n, total = 0 }) =>
              state === "done"
                ? words.cell.done(total)
                : state === "missed"
                  ? words.cell.missed(n, total)
                  : state === "now"
                    ? words.cell.now(n, total)
                    : state === "none"
                      ? words.cell.none
                      : words.cell.future,
          }}
        />
      </ChartBox>
    </section>
  );
}
