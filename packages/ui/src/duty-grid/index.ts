export {
  DutyGrid,
  type DutyGridCell,
  type DutyGridRow,
  type DutyGridWords,
  DutyLegend,
  type DutyState,
} from "./duty-grid.tsx";
export { type DutyCount, type DutyRow, prepareDuties } from "./prepare.ts";
