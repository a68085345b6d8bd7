import { prepareRanges, RangeAxis, RangeDot, RankMove, rangeWords, Sparkline } from "@xianfeng/ui/charts";
import { approximate, count, percent } from "@xianfeng/ui/format";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import type { RankingRow, RankingTable as Table } from "../lib/ranking.ts";
import { frameWords } from "../messages/frame.ts";
import { rankingWords } from "../messages/ranking.ts";
import { Figure } from "./figure.tsx";

const size = { width: 250, height: 34 };

/** Who stands where. Every figure can be opened; the row opens why. */
export function RankingTable({
  table,
  top,
  periods,
  selected,
  open,
  titles,
}: {
  table: Table;
  top: string;
  periods: number;
  selected: number | null;
  /** Address that opens a branch; null where rows do not open (print). */
  open: ((orgId: number) => string) | null;
  titles: string[];
}) {
  const words = useWords(rankingWords);
  const { axis, points } = prepareRanges(table.rows.map((row) => ({ id: String(row.orgId), share: row.share })));
  return (
    <table className="rank-table">
      <thead>
        <tr>
          <th scope="col">{words.head.rank}</th>
          <th scope="col" className="c">
            {words.head.change}
          </th>
          <th scope="col">{words.head.branch}</th>
          <th scope="col" className="low">
            {words.head.category}
          </th>
          <th scope="col" className="r">
            {words.head.base(top)}
          </th>
          <th scope="col" className="r">
            {words.head.share}
          </th>
          <th className="glyphs">
            <RangeAxis axis={axis} width={size.width} height={20} />
          </th>
          {periods > 1 && (
            <th scope="col" className="low lines">
              {words.head.history(periods)}
            </th>
          )}
          <th scope="col" className="r">
            {words.head.missing}
          </th>
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, index) => {
          const point = points[index];
          return (
            <tr
              key={row.orgId}
              className={row.orgId === selected ? "sel" : undefined}
              aria-selected={row.orgId === selected}
            >
              <RowHead row={row} open={open} />
              <td className="r num">
                {row.share ? (
                  <>
                    <Figure
                      name="inTop"
                      subject={String(row.orgId)}
                      label={`${row.name} ${words.head.base(top)} ${row.inTop}`}
                    >
                      {row.inTop}
                    </Figure>
                    <span className="mut">
                      {" / "}
                      <Figure
                        name="ranked"
                        subject={String(row.orgId)}
                        label={`${row.name} ${words.head.base(top)} ${count(row.ranked)}`}
                      >
                        {count(row.ranked)}
                      </Figure>
                    </span>
                  </>
                ) : (
                  "—"
                )}
              </td>
              <td className={row.few ? "r num mut" : "r num b"}>
                <Figure
                  name="share"
                  subject={String(row.orgId)}
                  label={`${row.name} ${words.head.share} ${percent(row.share)}`}
                >
                  {percent(row.share)}
                </Figure>
              </td>
              <td className="glyphs">
                {point && (
                  <RangeDot
                    point={point}
                    axis={axis}
                    average={table.average}
                    label={rangeWords(row.share, words.rangeOf) ?? words.unranked}
                    {...size}
                  />
                )}
              </td>
              {periods > 1 && (
                <td className="low lines">
                  <History row={row} table={table} titles={titles} />
                </td>
              )}
              <td className="r num" data-label={words.head.missing}>
                <Figure
                  name="missing"
                  subject={String(row.orgId)}
                  label={`${row.name} ${words.head.missing} ${row.missing}`}
                >
                  <span className={row.missing === 0 ? "mut" : undefined}>{count(row.missing)}</span>
                </Figure>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function RowHead({ row, open }: { row: RankingRow; open: ((orgId: number) => string) | null }) {
  const words = useWords(rankingWords);
  const { moved } = useWords(frameWords);
  const { category } = useWords(domainWords);
  return (
    <>
      <td className="num b rank">
        {row.rank === null ? (
          "—"
        ) : (
          <Figure
            name="rank"
            subject={String(row.orgId)}
            label={`${row.name} ${words.rankOf(row.rank)} ${words.ofN(row.ofN)}`}
          >
            {row.rank}
          </Figure>
        )}
        {row.shared && <span className="tie">{words.shared}</span>}
      </td>
      <td className="c">
        <RankMove change={row.change} words={moved} />
      </td>
      <td className="nw name">
        {open ? (
          <Link to={open(row.orgId)} preventScrollReset>
            {row.name}
          </Link>
        ) : (
          row.name
        )}
        {row.few && row.ranked > 0 && <span className="hint">{words.few}</span>}
      </td>
      <td className="mut low">{category[row.category] ?? ""}</td>
    </>
  );
}

function History({ row, table, titles }: { row: RankingRow; table: Table; titles: string[] }) {
  const words = useWords(rankingWords);
  const earlier = row.history.slice(0, -1);
  if (row.share && earlier.every((value) => value === null)) return <span className="mut">{words.firstTime}</span>;
  const label = row.history.map((value, index) => `${titles[index]} ${percent(value)}`).join("，");
  return <Sparkline values={row.history} top={table.top ? approximate(table.top) : 0} label={label} />;
}
