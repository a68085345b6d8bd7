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

const row = z.object({
  [members.org]: z.coerce.number().int(),
  [members.month]: z.string(),
  [members.measure]: z.string(),
  [members.category]: z.string(),
  [members.num]: cell,
  [members.den]: cell,
  [members.asOf]: instant,
  [members.asOfLsn]: whole,
});

export const wallQuery = defineQuery({
  permission: "cockpit.read",
  params: z.strictObject({}),
  async run({ cube, domain, today }): Promise<Answer<Wall>> {
    const rows = await cube(
      {
        dimensions: [members.org, members.month, members.measure, members.category, members.asOf, members.asOfLsn],
        measures: [members.num, members.den],
        filters: [{ member: members.month, operator: "equals", values: calendarOf(today).months }],
        limit: 40_000,
      },
      row,
    );
    const names = await domain.orgsInReach("cockpit.read");
    const plain = rows.map((found) => ({
      orgId: found[members.org],
      month: found[members.month],
      measure: found[members.measure],
      category: found[members.category],
      num: found[members.num],
      den: found[members.den],
    }));
    const freshness = oldest(rows.map((found) => ({ asOf: found[members.asOf], asOfLsn: found[members.asOfLsn] })));
    return { ...freshness, data: prepareWall(plain, names, today) };
  },
});
