"use client";

import { useQuery } from "@tanstack/react-query";
import { fraction, score } from "@xianfeng/ui/format";
import { shellWords, useWords } from "@xianfeng/ui/messages";
import { Pagination, Select, Table } from "antd";
import { useMemo, useState } from "react";
import { Label } from "@/components/panel.tsx";
import { Empty } from "@/components/states.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { Field } from "../../field.tsx";
import { evaluationWords } from "../../words.ts";
import { Change, RankText, shareText } from "./ranks.tsx";

type Result = RouterOutputs["evaluation"]["sealedReport"]["results"][number];
type Line = { id: string; college: Result; branch: Result | undefined };
const size = 50;

/** People with their ranks in college and branch. Names are asked for the page that is shown, never for the whole report. */
export function PeopleTable({
  rows,
  names,
  topShareBp,
}: {
  rows: Result[];
  names: Record<number, string>;
  topShareBp: number;
}) {
  const words = useWords(evaluationWords).report;
  const shell = useWords(shellWords);
  const [branch, setBranch] = useState<number | null>(null);
  const [page, setPage] = useState(1);
  const lines = useMemo(() => arrange(rows), [rows]);
  const chosen = branch === null ? lines : lines.filter((line) => line.college.groupOrgId === branch);
  const shown = chosen.slice((page - 1) * size, page * size);
  const labels = useQuery({
    ...useTRPC().member.labels.queryOptions({ ids: shown.map((line) => line.id) }),
    enabled: shown.length > 0,
  });
  const nameOf = new Map(labels.data?.map((label) => [label.id, label.name]));
  const name = (line: Line) =>
    nameOf.get(line.id) ?? <span className="ev-none">{labels.data ? words.hiddenName : "—"}</span>;
  const inCollege = (line: Line) => (
    <RankText rank={line.college.rank} tied={line.college.tied} of={(text) => text.ofPeople(line.college.ofN)} />
  );
  const inBranch = (line: Line) => (
    <RankText
      rank={line.branch?.rank}
      tied={line.branch?.tied ?? false}
      of={(text) => text.ofPeople(line.branch?.ofN ?? 0)}
    />
  );
  const points = (line: Line) => score(fraction(line.college.scoreNum, line.college.scoreDen));
  const top = (line: Line) =>
    line.college.isTop ? <Label tone="act">{words.top(shareText(topShareBp))}</Label> : null;
  if (lines.length === 0) return <Empty title={words.none} how={words.noneHow} />;
  const branches = [...new Set(lines.map((line) => line.college.groupOrgId))].sort((one, other) => one - other);
  return (
    <>
      {branches.length > 1 ? (
        <div className="ev-filter">
          <Field title={words.branch}>
            {(id) => (
              <Select
                id={id}
                value={branch ?? 0}
                onChange={(value) => {
                  setBranch(value === 0 ? null : value);
                  setPage(1);
                }}
                options={[
                  { value: 0, label: words.allBranches },
                  ...branches.map((one) => ({ value: one, label: names[one] ?? String(one) })),
                ]}
                popupMatchSelectWidth={false}
                showSearch={{ optionFilterProp: "label" }}
              />
            )}
          </Field>
        </div>
      ) : null}
      <Table<Line>
        className="ev-table ev-dense"
        rowKey="id"
        size="small"
        pagination={false}
        dataSource={shown}
        columns={[
          { title: words.inCollege, key: "college", width: 200, render: (_, line) => inCollege(line) },
          {
            title: words.change,
            key: "change",
            width: 80,
            render: (_, line) => <Change rank={line.college.rank} before={line.college.prevRank} />,
          },
          {
            title: words.name,
            key: "name",
            width: 130,
            className: "ev-strong ev-nowrap",
            render: (_, line) => name(line),
          },
          {
            title: words.branch,
            key: "branch",
            className: "ev-quiet",
            ellipsis: true,
            render: (_, line) => names[line.college.groupOrgId] ?? line.college.groupOrgId,
          },
          { title: words.inBranch, key: "own", width: 190, render: (_, line) => inBranch(line) },
          { title: "", key: "top", width: 90, render: (_, line) => top(line) },
          { title: words.score, key: "score", width: 80, align: "right", render: (_, line) => <b>{points(line)}</b> },
        ]}
      />
      <ul className="ev-cards">
        {shown.map((line) => (
          <li key={line.id}>
            <div className="ev-card-line">
              <b>{name(line)}</b>
              <b>{points(line)}</b>
            </div>
            <div className="ev-card-line">
              <span>
                {words.inCollege} {inCollege(line)}
              </span>
              {top(line)}
            </div>
            <div className="ev-card-line">
              <span>
                {words.inBranch} {inBranch(line)}
              </span>
            </div>
          </li>
        ))}
      </ul>
      <footer className="ev-pages">
        <span>{shell.total(chosen.length, false, words.unit)}</span>
        <Pagination
          size="small"
          current={page}
          pageSize={size}
          total={chosen.length}
          showSizeChanger={false}
          hideOnSinglePage
          onChange={setPage}
        />
      </footer>
    </>
  );
}

/** One line for each person, best first, those without a rank last. */
function arrange(rows: readonly Result[]): Line[] {
  const inBranch = new Map(rows.filter((row) => row.populationKind === "branch").map((row) => [row.subjectId, row]));
  return rows
    .filter((row) => row.populationKind === "college")
    .map((college) => ({ id: college.subjectId, college, branch: inBranch.get(college.subjectId) }))
    .sort(
      (one, other) =>
        (one.college.rank ?? Number.MAX_SAFE_INTEGER) - (other.college.rank ?? Number.MAX_SAFE_INTEGER) ||
        one.id.localeCompare(other.id),
    );
}
