import type { DutyRow } from "@xianfeng/ui/duty-grid";
import { count, fraction, percent, smallCell } from "@xianfeng/ui/format";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import type { Wall } from "../../server/query/wall.ts";
import { PanelRows } from "../components/panel-rows.tsx";
import { among, type Explained } from "../lib/explain.ts";
import { cockpitWords } from "../messages/cockpit.ts";
import { panelWords } from "../messages/panel.ts";

/** Numbers of the wall, from what the wall already shows: sums of organisations and months, never a person. */
export function useWallNumbers(wall: Wall, duties: readonly DutyRow[]) {
  const words = useWords(cockpitWords);
  const panel = useWords(panelWords);
  const { meetingKind } = useWords(domainWords);
  const kindOf = (kind: string) => meetingKind[kind] ?? kind;
  const monthNo = Number(wall.month.slice(5));
  const quarterNo = Math.ceil(monthNo / 3);
  const share = (num: number, den: number): Explained["parts"] => [
    { value: count(num), unit: panel.times, words: panel.came },
    "÷",
    { value: count(den), unit: panel.times, words: panel.due },
  ];

  const members: Explained = {
    figure: "members",
    subject: "all",
    of: "",
    value: smallCell(wall.members.total),
    unit: words.person,
    // Hidden parts make no sum.
    parts:
      wall.members.full === "hidden" || wall.members.total === "hidden"
        ? null
        : [
            { value: smallCell(wall.members.full), unit: words.person, words: words.identities.full },
            "+",
            { value: smallCell(wall.members.probationary), unit: words.person, words: words.identities.probationary },
          ],
    rows: (
      <PanelRows
        head={[words.identity, words.number]}
        rows={(["full", "probationary"] as const).map((identity) => ({
          key: identity,
          cells: [words.identities[identity], smallCell(wall.members[identity])],
        }))}
        note={words.small}
      />
    ),
    within: "measure = members",
  };
  const orgs: Explained = {
    figure: "orgs",
    subject: "all",
    of: "",
    value: count(wall.orgs.total),
    unit: words.org,
    parts: null,
    rows: (
      <PanelRows
        head={[words.kind, words.number]}
        rows={[
          { key: "committee", cells: [words.orgKinds.committees, count(wall.orgs.committees)] },
          { key: "general", cells: [words.orgKinds.generalBranches, count(wall.orgs.generalBranches)] },
          { key: "branch", cells: [words.orgKinds.branches, count(wall.orgs.branches)] },
        ]}
      />
    ),
  };

  const kinds = (
    <PanelRows
      head={[words.byKind, words.thisMonth, words.thisQuarter]}
      rows={wall.meetings.byKind.map((line) => ({
        key: line.kind,
        cells: [kindOf(line.kind), count(line.month), count(line.quarter)],
      }))}
    />
  );
  const held = (span: "month" | "quarter", kind: string | null, value: number): Explained => ({
    figure: "held",
    subject: kind === null ? span : `${span}~${kind}`,
    of: [kind === null ? "" : kindOf(kind), span === "month" ? words.monthOf(monthNo) : words.quarterOf(quarterNo)]
      .filter(Boolean)
      .join("　"),
    value: count(value),
    unit: words.time,
    parts: null,
    rows: kinds,
    within: `measure = meetings_held${kind === null ? "" : `, category = ${kind}`}`,
  });
  const heldAll = {
    month: held("month", null, wall.meetings.month),
    quarter: held("quarter", null, wall.meetings.quarter),
  };
  const heldByKind = wall.meetings.byKind.map((line) => ({
    kind: line.kind,
    month: held("month", line.kind, line.month),
    quarter: held("quarter", line.kind, line.quarter),
  }));

  const monthsOf = (counted: readonly string[]) => (
    <PanelRows
      head={[words.monthHead, panel.came, panel.due, words.rateHead]}
      rows={wall.attendanceByMonth
        .filter(({ month, den }) => counted.includes(month) && den > 0)
        .map(({ month, num, den }) => ({
          key: month,
          cells: [words.monthOf(Number(month.slice(5))), count(num), count(den), percent(fraction(num, den))],
        }))}
    />
  );
  const came = (subject: string, of: string, counted: readonly string[], num: number, den: number): Explained => ({
    figure: "came",
    subject,
    of,
    value: percent(fraction(num, den)).replace("%", ""),
    unit: den > 0 ? "%" : undefined,
    parts: den > 0 ? share(num, den) : null,
    rows: monthsOf(counted),
    within: "measure = attendance",
  });
  const attendance = came(
    "quarter",
    words.quarterOf(quarterNo),
    wall.quarter,
    wall.attendance?.num ?? 0,
    wall.attendance?.den ?? 0,
  );
  const byMonth = wall.attendanceByMonth.map(({ month, num, den }) =>
    came(month, words.monthOf(Number(month.slice(5))), [month], num, den),
  );

  const names = new Map(wall.units.map((unit) => [unit.id, unit.name]));
  const kept = duties.map(
    (row): Explained => ({
      figure: "duties",
      subject: row.unit,
      of: names.get(row.unit) ?? "",
      value: percent(fraction(row.inTime, row.due), 0),
      parts:
        row.due > 0
          ? [
              { value: count(row.inTime), unit: words.item, words: words.legend.done },
              "÷",
              { value: count(row.due), unit: words.item, words: words.dueItems },
            ]
          : null,
      rows: (
        <PanelRows
          head={[words.monthHead, words.legend.done, words.dueItems]}
          rows={wall.duties
            .filter(({ unit, month }) => unit === row.unit && month <= wall.month)
            .sort((a, b) => a.month.localeCompare(b.month))
            .map(({ month, inTime, total }) => ({
              key: month,
              cells: [words.monthOf(Number(month.slice(5))), count(inTime), count(total)],
            }))}
          note={words.monthRuns}
        />
      ),
      within: `measure = duties, org_id = ${row.unit}`,
    }),
  );
  const byUnit = new Map(kept.map((one) => [one.subject, one]));
  return {
    members,
    orgs,
    held: heldAll,
    heldByKind,
    attendance,
    byMonth,
    duties: byUnit,
    find: among([
      members,
      orgs,
      ...Object.values(heldAll),
      ...heldByKind.flatMap(({ month, quarter }) => [month, quarter]),
      attendance,
      ...byMonth,
      ...kept,
    ]),
  };
}
