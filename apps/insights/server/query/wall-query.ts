import { z } from "zod";
import { instant, whole } from "./cells.ts";
import { type Answer, defineQuery, oldest } from "./define.ts";
import { calendarOf, prepareWall, type Wall } from "./wall.ts";

const members = {
  org: "wall_overview.org_id",
  month: "wall_overview.month",
  measure: "wall_overview.measure",
  category: "wall_overview.category",
  num: "wall_overview.numerator",
  den: "wall_overview.denominator",
  asOf: "wall_overview.as_of",
  asOfLsn: "wall_overview.as_of_lsn",
} as const;

const cell = z.union([z.null(), z.coerce.number().int()]);

const figures = z.object({
  [members.month]: z.string(),
  [members.num]: cell,
  [members.den]: cell,
  [members.asOf]: instant,
  [members.asOfLsn]: whole,
});
type Cell = z.output<typeof figures>;
const total = figures.extend({ [members.measure]: z.string(), [members.category]: z.string() });
const duty = figures.extend({ [members.org]: z.coerce.number().int() });

export const wallQuery = defineQuery({
  permission: "cockpit.read",
  params: z.strictObject({}),
  async run({ cube, domain, today }): Promise<Answer<Wall>> {
    const common = { measures: [members.num, members.den], limit: 40_000 };
    const known = [members.month, members.asOf, members.asOfLsn];
    const inYear = { member: members.month, operator: "equals" as const, values: calendarOf(today).months };
    // Duties are shown for each branch; of everything else only the sums, so that a large tenant does not ask for all its branches.
    const [totals, duties] = await Promise.all([
      cube(
        {
          ...common,
          dimensions: [...known, members.measure, members.category],
          filters: [
            inYear,
            { member: members.measure, operator: "equals", values: ["members", "meetings_held", "attendance"] },
          ],
        },
        total,
      ),
      cube(
        {
          ...common,
          dimensions: [...known, members.org],
          filters: [inYear, { member: members.measure, operator: "equals", values: ["duties"] }],
        },
        duty,
      ),
    ]);
    const names = await domain.orgsInReach("cockpit.read");
    const cellOf = (found: Cell) => ({ month: found[members.month], num: found[members.num], den: found[members.den] });
    const rows = [
      ...totals.map((found) => ({
        ...cellOf(found),
        orgId: null,
        measure: found[members.measure],
        category: found[members.category],
      })),
      ...duties.map((found) => ({ ...cellOf(found), orgId: found[members.org], measure: "duties", category: "" })),
    ];
    const freshness = oldest(
      [...totals, ...duties].map((found) => ({ asOf: found[members.asOf], asOfLsn: found[members.asOfLsn] })),
    );
    return { ...freshness, data: prepareWall(rows, names, today) };
  },
});
