export { DifferenceBar, prepareDifference } from "./difference-bar.tsx";
export { prepareRanges, RangeAxis, RangeDot, type RangePoint, type RangeRow, rangeWords } from "./range-dot.tsx";
export { type RankChangeWords, RankMove } from "./rank-change.tsx";
export { place, type ShareAxis, shareAxis } from "./scale.ts";
export { prepareSlope, SlopeChart, type SlopeLine, type SlopeRow } from "./slope.tsx";
export { prepareSpark, type Spark, Sparkline } from "./sparkline.tsx";
export { prepareTrend, TrendChart, type TrendPoint } from "./trend.tsx";
export { type Interval, wilson80 } from "./wilson.ts";
