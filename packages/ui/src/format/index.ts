export { asOf, clock, dayLong, dayOf, dayShort, elapsed, moment } from "./date.ts";
export { approximate, compareFractions, type Fraction, fraction, scaled, subtract } from "./fraction.ts";
export { count, decimal, large, none, percent, points, type SmallCell, score, signed, smallCell } from "./number.ts";
export { type RankChange, rankChange, sharedRanks } from "./rank.ts";
