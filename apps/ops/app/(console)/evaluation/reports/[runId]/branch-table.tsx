"use client";

import { fraction, percent } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import { Table } from "antd";
import { Empty } from "@/components/states.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { evaluationWords } from "../../words.ts";
import { Change, RankText, shareText } from "./ranks.tsx";

type Result = RouterOutputs["evaluation"]["sealedReport"]["results"][number];
type Names = Record<number, string>;

/** Branches by the share of their members in the college's top. Those without a rank stand last. */
export function BranchTable({ rows, names, topShareBp }: { rows: Result[]; names: Names; topShareBp: number }) {
  const words = useWords(evaluationWords).report;
  const share = shareText(topShareBp);
  const sorted = [...rows].sort(
    (one, other) =>
      (one.rank ?? Number.MAX_SAFE_INTEGER) - (other.rank ?? Number.MAX_SAFE_INTEGER) ||
      one.groupOrgId - other.groupOrgId,
  );
  const rankOf = (row: Result) => <RankText rank={row.rank} tied={row.tied} of={(text) => text.ofBranches(row.ofN)} />;
  const base = (row: Result) => (row.scoreDen === null ? "—" : `${row.scoreNum} / ${row.scoreDen}`);
  const shareOf = (row: Result) => percent(fraction(row.scoreNum, row.scoreDen));
  if (rows.length === 0) return <Empty title={words.none} how={words.noneHow} />;
  return (
    <>
      <Table<Result>
        className="ev-table ev-dense"
        rowKey="subjectId"
        size="small"
        pagination={false}
        dataSource={sorted}
        columns={[
          { title: words.rank, key: "rank", width: 190, render: (_, row) => rankOf(row) },
          {
            title: words.change,
            key: "change",
            width: 80,
            render: (_, row) => <Change rank={row.rank} before={row.prevRank} />,
          },
          {
            title: words.branch,
            key: "branch",
            className: "ev-strong",
            ellipsis: true,
            render: (_, row) => names[row.groupOrgId] ?? row.groupOrgId,
          },
          { title: words.topOf(share), key: "base", width: 140, align: "right", render: (_, row) => base(row) },
          { title: words.share, key: "share", width: 100, align: "right", render: (_, row) => <b>{shareOf(row)}</b> },
        ]}
      />
      <ul className="ev-cards">
        {sorted.map((row) => (
          <li key={row.subjectId}>
            <b>{names[row.groupOrgId] ?? row.groupOrgId}</b>
            <div className="ev-card-line">
              {rankOf(row)}
              <Change rank={row.rank} before={row.prevRank} />
            </div>
            <div className="ev-card-line">
              <span>
                {words.topOf(share)} {base(row)}
              </span>
              <b>{shareOf(row)}</b>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
