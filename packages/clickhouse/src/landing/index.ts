export { type LandingColumn, type LandingTable, type Queryable, readLandingTables } from "./catalog.ts";
export { appliedColumns, controlTablesSql, publicationName, slotName } from "./control.ts";
export { columnType, createLandingSql, createStageSql, literal, quoted, rangeIndex, versionColumns } from "./ddl.ts";
export {
  addHeldColumns,
  addLandingColumn,
  addRangeIndexes,
  ensureControlTables,
  ensureLandingTables,
  type LandingGap,
  landingGap,
} from "./ensure.ts";
export { type LandingType, landingType, type ValueKind } from "./pg-type.ts";
