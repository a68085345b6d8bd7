import { RankMove } from "@xianfeng/ui/charts";
import { count, percent, rankChange, signed } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { useState } from "react";
import type { Run } from "../../server/domain.ts";
import type { Sums } from "../explain/report.tsx";
import type { Explained } from "../lib/explain.ts";
import { queryAddress } from "../lib/named.ts";
import type { Compared, RankingTable } from "../lib/ranking.ts";
import { frameWords } from "../messages/frame.ts";
import { rankingWords } from "../messages/ranking.ts";
import { runsWords } from "../messages/runs.ts";
import { Figure, Told } from "./figure.tsx";

type Props = {
  now: Run;
  before: Run | null;
  table: RankingTable;
  old: RankingTable | null;
  compared: Compared[] | null;
  /** The same totals as the panel opens with. */
  sums: Sums;
  moved: Explained;
  top: string;
  periodId: string;
  mayPublish: boolean;
  onPublish: () => void;
};

/** The preview against what people read now, row by row; unchanged rows are folded. */
export function Comparison({ now, before, table, old, compared, sums, moved, top, mayPublish, onPublish }: Props) {
  const words = useWords(runsWords);
  const [all, setAll] = useState(compared === null);
  const lines: Compared[] =
    compared ?? table.rows.map((row) => ({ orgId: row.orgId, name: row.name, now: row, before: null, changed: true }));
  const changed = lines.filter((line) => line.changed);
  const shown = all ? lines : changed;
  const was = (value: number, earlier: number | undefined) =>
    earlier === undefined
      ? null
      : value === earlier
        ? words.same(count(earlier))
        : words.was(count(earlier), signed(value - earlier));
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{before && compared ? words.compare(now.versionNo, before.versionNo) : words.first(now.versionNo)}</h2>
        <span className="tag act">{words.onlyCommittee}</span>
        {compared && (
          <span className="seg end">
            <button type="button" aria-current={!all ? "true" : undefined} onClick={() => setAll(false)}>
              {words.changedOnly(changed.length)}
            </button>
            <button type="button" aria-current={all ? "true" : undefined} onClick={() => setAll(true)}>
              {words.all(lines.length)}
            </button>
          </span>
        )}
      </div>
      <dl className="sums">
        <Sum
          title={words.sum.ranked}
          number={sums.ranked}
          hint={was(Number(table.totals.ranked), old ? Number(old.totals.ranked) : undefined)}
        />
        <Sum title={words.sum.missing} number={sums.missing} hint={was(table.totals.missing, old?.totals.missing)} />
        <Sum
          title={words.sum.top(top)}
          number={sums.inTop}
          hint={was(Number(table.totals.inTop), old ? Number(old.totals.inTop) : undefined)}
        />
        <Sum
          title={words.sum.moved}
          number={moved}
          hint={compared ? words.ofBranches(table.rows.length) : words.step.first}
        />
      </dl>
      {shown.length > 0 && (
        <table className="rank-table compare">
          <thead>
            <tr>
              <th scope="col">{words.head.version(now.versionNo)}</th>
              {before && compared && <th scope="col">{words.head.version(before.versionNo)}</th>}
              {compared && <th scope="col">{words.head.change}</th>}
              <th scope="col">{words.head.branch}</th>
              <th scope="col" className="r">
                {words.head.base(top)}
              </th>
              <th scope="col" className="r">
                {words.head.share}
              </th>
              {before && compared && (
                <th scope="col" className="r">
                  {words.head.version(before.versionNo)}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <Line key={line.orgId} line={line} compared={compared !== null} />
            ))}
          </tbody>
        </table>
      )}
      <div className="panel-foot">
        <Icon name="info" size={15} />
        <span>
          {compared && changed.length === 0
            ? words.noChange
            : compared && lines.length > changed.length
              ? words.unchanged(lines.length - changed.length)
              : ""}
          {words.untilPublished}
        </span>
        <span className="grow" />
        <a className="btn" href={queryAddress("preview-ranking", { run: now.id }, { format: "csv" })} download>
          {words.csv}
        </a>
        {mayPublish && (
          <button type="button" className="btn pri" onClick={onPublish}>
            {words.publish(now.versionNo)}
          </button>
        )}
      </div>
    </section>
  );
}

const Sum = ({ title, number, hint }: { title: string; number: Explained; hint: string | null }) => (
  <div>
    <dt>{title}</dt>
    <dd>
      <b className="num">
        <Told number={number} />
      </b>
      {hint && <small>{hint}</small>}
    </dd>
  </div>
);

function Line({ line: { now, before, name }, compared }: { line: Compared; compared: boolean }) {
  const ranking = useWords(rankingWords);
  const { moved } = useWords(frameWords);
  const rank = (value: number | null) => (value === null ? "—" : ranking.rankOf(value));
  return (
    <tr>
      <td className="num b">
        <Figure name="rank" subject={String(now.orgId)} label={`${name} ${rank(now.rank)}`}>
          {rank(now.rank)}
        </Figure>
      </td>
      {compared && <td className="num mut">{before ? rank(before.rank) : "—"}</td>}
      {compared && (
        <td>
          <RankMove change={rankChange(now.rank, before?.rank ?? null, true)} words={moved} />
        </td>
      )}
      <td className="nw name">{name}</td>
      <td className="r num">
        <Figure name="inTop" subject={String(now.orgId)} label={`${name} ${now.inTop ?? "—"}`}>
          {now.inTop ?? "—"}
        </Figure>
        <span className="mut">
          {" / "}
          <Figure name="ranked" subject={String(now.orgId)} label={`${name} ${count(now.ranked)}`}>
            {count(now.ranked)}
          </Figure>
        </span>
      </td>
      <td className="r num b">
        <Figure name="share" subject={String(now.orgId)} label={`${name} ${percent(now.share)}`}>
          {percent(now.share)}
        </Figure>
      </td>
      {compared && (
        <td className="r num mut">
          {before ? `${before.inTop ?? "—"} / ${count(before.ranked)}　${percent(before.share)}` : "—"}
        </td>
      )}
    </tr>
  );
}
