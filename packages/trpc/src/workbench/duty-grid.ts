import { orgWhere } from "@xianfeng/auth";
import { type Context, calendar } from "../kernel/index.ts";
import { isBranch, loadOrg } from "../org/index.ts";
import { branchRow, type Duty, type DutyCell, dutyOrder, dutyRow, tally } from "./workbench.rules.ts";

export type DutyGridRow = {
  key: string;
  /** Name of the branch where a row is a branch; empty where a row is a duty. */
  name: string;
  orgId: number | null;
  every: "month" | "quarter" | null;
  cells: DutyCell[];
  done: number;
  due: number;
};
export type DutyGrid = { year: number; by: "duty" | "branch"; rows: DutyGridRow[] };

/** What a branch owed and did in a year, duty by duty; for a committee or general branch the branches below, one row each. */
export async function dutyGrid(
  ctx: Context,
  { orgId, year }: { orgId: number; year?: number | undefined },
): Promise<DutyGrid> {
  const today = ctx.scope.today;
  const shown = year ?? Number(today.slice(0, 4));
  const org = await loadOrg(ctx, "obligation.read", orgId);
  const within = { gte: calendar.toColumn(`${shown}-01-01`), lte: calendar.toColumn(`${shown}-12-31`) };
  if (isBranch(org.kind)) {
    const rows = await ctx.tx.obligation.findMany({ where: { orgId, subjectKind: "org", dueOn: within } });
    const keys = [...new Set(rows.map((row) => row.dutyKey))].sort((one, other) => orderOf(one) - orderOf(other));
    return {
      year: shown,
      by: "duty",
      rows: keys.map((key) => {
        const duties = rows.filter((row) => row.dutyKey === key).map(dutyOf);
        const every = duties.some((duty) => duty.periodKey.includes("-Q")) ? "quarter" : "month";
        return { key, name: "", orgId: null, every, cells: dutyRow(duties, today), ...tally(duties, today) };
      }),
    };
  }
  const branches = await ctx.tx.partyOrg.findMany({
    where: {
      AND: [orgWhere(ctx.scope, "obligation.read"), { path: { path: { startsWith: org.path } } }],
      kind: { notIn: ["committee", "general_branch"] },
      openedOn: { lte: calendar.toColumn(`${shown}-12-31`) },
      OR: [{ dissolvedOn: null }, { dissolvedOn: { gt: calendar.toColumn(`${shown}-01-01`) } }],
    },
    orderBy: { code: "asc" },
  });
  const rows = await ctx.tx.obligation.findMany({
    where: { orgId: { in: branches.map((branch) => branch.id) }, subjectKind: "org", dueOn: within },
  });
  return {
    year: shown,
    by: "branch",
    rows: branches.map((branch) => {
      const duties = rows.filter((row) => row.orgId === branch.id).map(dutyOf);
      const cells = branchRow(duties, today);
      return {
        key: String(branch.id),
        name: branch.shortName,
        orgId: branch.id,
        every: null,
        cells,
        ...tally(duties, today),
      };
    }),
  };
}

const orderOf = (key: string) => (dutyOrder.indexOf(key) + dutyOrder.length + 1) % (dutyOrder.length + 1);

const dutyOf = (row: { state: string; periodKey: string; dueOn: Date; fulfilledOn: Date | null }): Duty => ({
  state: row.state,
  periodKey: row.periodKey,
  dueOn: calendar.fromColumn(row.dueOn),
  fulfilledOn: row.fulfilledOn ? calendar.fromColumn(row.fulfilledOn) : null,
});
