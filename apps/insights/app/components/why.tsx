import { DifferenceBar, RankMove, TrendChart, wilson80 } from "@xianfeng/ui/charts";
import { approximate, type Fraction, percent, points, subtract } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import type { SchemeItem } from "../../server/domain.ts";
import type { BranchRanking } from "../../server/query/branch-ranking.ts";
import { useDates } from "../lib/dates.ts";
import { useAddress } from "../lib/panel.ts";
import { prepareRanking, type RankingRow, type RankingTable } from "../lib/ranking.ts";
import { trendSheet } from "../lib/sheets.ts";
import { frameWords } from "../messages/frame.ts";
import { rankingWords } from "../messages/ranking.ts";
import { sheetWords } from "../messages/sheet.ts";
import { ChartBox } from "./chart-box.tsx";
import { Figure } from "./figure.tsx";

/** 为什么是这个名次: the arithmetic, how stable it is, and the way to the records behind it. */
export function Why({
  row,
  table,
  data,
  items,
  top,
  runId,
  comparable,
}: {
  row: RankingRow;
  table: RankingTable;
  data: BranchRanking;
  items: SchemeItem[];
  top: string;
  runId: string;
  comparable: boolean;
}) {
  const words = useWords(rankingWords);
  const { moved, close } = useWords(frameWords);
  const heads = useWords(sheetWords);
  const { period, shortPeriod } = useDates();
  const { address } = useAddress();
  const shares = row.history.map((share, index) => ({ label: data.periods[index]?.title ?? "", share }));
  const trend = trendSheet(
    shares.map((one) => ({ ...one, label: period(one.label) })),
    `${words.trend} ${row.name}`,
    [heads.period, heads.inTop(top), heads.ranked, heads.share],
  );
  return (
    <aside className="panel why" aria-label={words.why}>
      <div className="panel-head">
        <h2>{words.why}</h2>
        <Link className="icon-btn" to={address({ branch: null })} preventScrollReset aria-label={close}>
          <Icon name="close" size={16} />
        </Link>
      </div>
      <div className="panel-body">
        <h3>{row.name}</h3>
        <p className="big">
          <b>
            {row.rank === null ? (
              "—"
            ) : (
              <Figure name="rank" subject={String(row.orgId)} label={`${row.name} ${words.rankOf(row.rank)}`}>
                {words.rankOf(row.rank)}
              </Figure>
            )}
          </b>
          <span className="mut">{row.ofN > 0 && words.ofN(row.ofN)}</span>
          <RankMove change={row.change} words={moved} />
          {row.prevRank !== null && comparable && <span className="mut sm">{words.lastTime(row.prevRank)}</span>}
        </p>
        <Arithmetic row={row} top={top} />
        <h4>{words.byIndicator(top)}</h4>
        <Indicators row={row} data={data} items={items} whole={table.whole} comparable={comparable} />
        <Stability row={row} />
        {row.history.filter((value) => value !== null).length > 1 && (
          <>
            <h4>{words.trend}</h4>
            <ChartBox chart="trend" sheet={trend}>
              <TrendChart
                points={shares.map(({ label, share }) => ({ label: shortPeriod(label), share }))}
                label={`${words.trend} ${row.name}`}
                height={150}
                size={{ width: 336, height: 150 }}
              />
            </ChartBox>
          </>
        )}
        <h4>{words.evidence}</h4>
        <ul className="evidence">
          <li>
            {words.inTop(top)}
            <Link to={address({ number: `share.${row.orgId}` })} preventScrollReset>
              {words.people(row.inTop ?? "0")}
              <Icon name="right" size={14} />
            </Link>
          </li>
          <li>
            {words.meetings}
            <Link to={`/branches/${row.orgId}?run=${runId}`}>
              {words.see}
              <Icon name="right" size={14} />
            </Link>
          </li>
        </ul>
      </div>
    </aside>
  );
}

function Arithmetic({ row, top }: { row: RankingRow; top: string }) {
  const words = useWords(rankingWords);
  const before = row.history.at(-2) ?? null;
  return (
    <div className="sum">
      {row.share ? words.arithmetic(top, row.inTop ?? "0", String(row.ranked), percent(row.share)) : words.unranked}
      {row.share && before && (
        <>
          <br />
          {words.earlier(
            String(before.num),
            String(before.den),
            percent(before),
            moveWords(words, row.share.num - before.num),
          )}
        </>
      )}
    </div>
  );
}

function moveWords(
  words: { more: (n: string) => string; fewer: (n: string) => string; equal: string },
  by: bigint,
): string {
  if (by === 0n) return words.equal;
  return by > 0n ? words.more(String(by)) : words.fewer(String(-by));
}

function Indicators({
  row,
  data,
  items,
  whole,
  comparable,
}: {
  row: RankingRow;
  data: BranchRanking;
  items: SchemeItem[];
  whole: boolean;
  comparable: boolean;
}) {
  const words = useWords(rankingWords);
  const { address } = useAddress();
  const weights = items.reduce((sum, item) => sum + item.weight, 0);
  const lines = items.map((item) => {
    const table = prepareRanking(data, item.indicatorCode, comparable);
    const share = table.rows.find(({ orgId }) => orgId === row.orgId)?.share ?? null;
    const difference: Fraction | null = whole && share && table.average ? subtract(share, table.average) : null;
    return { item, share, difference };
  });
  const reach = Math.max(0.01, ...lines.map(({ difference }) => (difference ? Math.abs(approximate(difference)) : 0)));
  return (
    <table className="small-table">
      <thead>
        <tr>
          <th scope="col">{words.indicator}</th>
          <th scope="col" className="r">
            {words.weight}
          </th>
          <th scope="col" className="r">
            {words.head.share}
          </th>
          {whole && (
            <th scope="col" colSpan={2} className="r">
              {words.difference}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {lines.map(({ item, share, difference }) => (
          <tr key={item.indicatorCode}>
            <td>{item.title}</td>
            <td className="r num mut">{percent({ num: BigInt(item.weight), den: BigInt(weights) }, 0)}</td>
            <td className="r num">
              <Link
                className="figure"
                to={address({ indicator: item.indicatorCode, number: `share.${row.orgId}` })}
                preventScrollReset
                aria-haspopup="dialog"
                aria-label={`${row.name} ${item.title} ${words.head.share} ${percent(share)}`}
              >
                {percent(share)}
              </Link>
            </td>
            {whole && (
              <>
                <td className="bar">
                  <DifferenceBar
                    difference={difference}
                    reach={reach}
                    label={`${item.title} ${points(difference)} ${words.pointsUnit}`}
                  />
                </td>
                <td className={difference && difference.num < 0n ? "r num below" : "r num above"}>
                  {points(difference)}
                </td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Stability({ row }: { row: RankingRow }) {
  const words = useWords(rankingWords);
  const interval = row.share && wilson80(Number(row.share.num), Number(row.share.den));
  if (!interval) return null;
  const text = (value: number) => `${(Math.round(value * 1000) / 10).toFixed(1)}%`;
  return (
    <>
      <h4>{words.stability}</h4>
      <p className="text">{words.range(text(interval.low), text(interval.high))}</p>
    </>
  );
}
