import { percent } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import type { Sums } from "../explain/report.tsx";
import type { Explained } from "../lib/explain.ts";
import type { RankingTable } from "../lib/ranking.ts";
import { panelWords } from "../messages/panel.ts";
import { reportWords } from "../messages/report.ts";
import { Figure, Told } from "./figure.tsx";

export function Kpis({
  table,
  sums,
  top,
  topShareBp,
}: {
  table: RankingTable;
  sums: Sums;
  top: string;
  topShareBp: number;
}) {
  const { kpi } = useWords(reportWords);
  const edge = Number((table.totals.ranked * BigInt(topShareBp) + 9_999n) / 10_000n);
  return (
    <dl className="kpis">
      <Kpi title={kpi.branches} number={sums.branches} unit={kpi.org} />
      <Kpi
        title={kpi.people}
        number={sums.ranked}
        unit={
          <>
            {"/ "}
            <Told number={sums.evaluated} /> {kpi.person}
          </>
        }
        hint={<Told number={sums.missing}>{kpi.peopleHint(sums.missing.value)}</Told>}
      />
      <Kpi title={kpi.indicators} number={sums.indicators} unit={kpi.item} hint={kpi.indicatorsHint} />
      <Kpi
        title={kpi.top(top)}
        number={sums.inTop}
        unit={kpi.person}
        hint={table.whole ? kpi.topHint(edge) : undefined}
      />
    </dl>
  );
}

const Kpi = ({
  title,
  number,
  unit,
  hint,
}: {
  title: string;
  number: Explained;
  unit: ReactNode;
  hint?: ReactNode;
}) => (
  <div>
    <dt>{title}</dt>
    <dd>
      <b className="num">
        <Told number={number} />
      </b>{" "}
      <span>{unit}</span>
      {hint && <small>{hint}</small>}
    </dd>
  </div>
);

/** Three findings in words. They state; they do not judge. */
export function Findings({ table, sums }: { table: RankingTable; sums: Sums }) {
  const { finding } = useWords(reportWords);
  const { comma } = useWords(panelWords);
  const first = table.rows.filter((row) => row.rank === 1);
  const climber = table.rows
    .flatMap((row) => (row.change.kind === "up" ? [{ row, by: row.change.by }] : []))
    .sort((a, b) => b.by - a.by)[0];
  if (!table.whole) return <OwnFindings table={table} />;
  const [leads, leadsEnd] = finding.first(first.map(({ name }) => name).join(comma));
  const [climbs, climbsEnd] = climber ? finding.climb(climber.row.name, climber.row.prevRank ?? 0, climber.by) : [];
  return (
    <ul className="findings">
      {first[0] && (
        <li>
          {leads}
          <ShareOf row={first[0]} />
          {leadsEnd}
        </li>
      )}
      {climber && (
        <li>
          {climbs}
          <RankOf row={climber.row} />
          {climbsEnd}
        </li>
      )}
      {table.totals.missing > 0 && (
        <li>
          {finding.missing[0]}
          <Told number={sums.missing} />
          {finding.missing[1]}
        </li>
      )}
      <li>{finding.overlap}</li>
    </ul>
  );
}

/** For a reader of some branches: where each of them stands. */
function OwnFindings({ table }: { table: RankingTable }) {
  const { finding } = useWords(reportWords);
  return (
    <ul className="findings">
      {table.rows.map((row) => {
        const [stands, of, end] = finding.own(row.name, row.ofN);
        return (
          row.rank !== null && (
            <li key={row.orgId}>
              {stands}
              <RankOf row={row} />
              {of}
              <ShareOf row={row} />
              {end}
            </li>
          )
        );
      })}
    </ul>
  );
}

type Row = RankingTable["rows"][number];
const ShareOf = ({ row }: { row: Row }) => (
  <Figure name="share" subject={String(row.orgId)} label={`${row.name} ${percent(row.share)}`}>
    {percent(row.share)}
  </Figure>
);
const RankOf = ({ row }: { row: Row }) => (
  <Figure name="rank" subject={String(row.orgId)} label={`${row.name} ${row.rank}`}>
    {row.rank}
  </Figure>
);
