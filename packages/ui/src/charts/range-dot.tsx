import { approximate, type Fraction, percent } from "../format/index.ts";
import { place, type ShareAxis, shareAxis } from "./scale.ts";
import { type Interval, wilson80 } from "./wilson.ts";

/** One row of "who stands where": a share with its base. */
export type RangeRow = { id: string; share: Fraction | null };
export type RangePoint = { id: string; value: number | null; interval: Interval | null };

/** Where every dot and range lies, on one axis for all rows. Rows without a value keep their place, empty. */
export function prepareRanges(rows: readonly RangeRow[]): { axis: ShareAxis; points: RangePoint[] } {
  const points = rows.map(({ id, share }): RangePoint => {
    if (share === null) return { id, value: null, interval: null };
    return { id, value: approximate(share), interval: wilson80(Number(share.num), Number(share.den)) };
  });
  return { axis: shareAxis(points.flatMap((point) => (point.interval ? [point.interval.high] : []))), points };
}

const pad = 8;
type Size = { width: number; height: number };

/** The axis above the column of dots. */
export function RangeAxis({ axis, width, height }: { axis: ShareAxis } & Size) {
  const last = axis.ticks.length - 1;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true" className="xf-glyph">
      {axis.ticks.map((tick, index) => (
        <text
          key={tick}
          x={place(tick, axis, pad, width - pad)}
          y={height - 5}
          textAnchor={index === 0 ? "start" : index === last ? "end" : "middle"}
          dx={index === 0 ? -pad + 1 : index === last ? pad - 1 : 0}
        >
          {`${Math.round(tick * 100)}%`}
        </text>
      ))}
    </svg>
  );
}

/** One row: dot, 80 % range, dashed line at the average. */
export function RangeDot({
  point,
  axis,
  average,
  label,
  width,
  height,
}: { point: RangePoint; axis: ShareAxis; average: Fraction | null; label: string } & Size) {
  const at = (value: number) => place(value, axis, pad, width - pad);
  const middle = height / 2;
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      className="xf-glyph"
    >
      {axis.ticks.map((tick) => (
        <line key={tick} x1={at(tick)} x2={at(tick)} y1={0} y2={height} className="xf-grid" />
      ))}
      {average && (
        <line x1={at(approximate(average))} x2={at(approximate(average))} y1={0} y2={height} className="xf-average" />
      )}
      {point.interval && (
        <line x1={at(point.interval.low)} x2={at(point.interval.high)} y1={middle} y2={middle} className="xf-range" />
      )}
      {point.value !== null && <circle cx={at(point.value)} cy={middle} r={5} className="xf-dot" />}
    </svg>
  );
}

const inChinese = (share: string, low: string, high: string) => `占比${share}，波动范围${low}至${high}`;

/** What the picture says, for those who do not see it: `占比30.8%，波动范围20.6%至43.2%`, or as `say` puts it. */
export function rangeWords(share: Fraction | null, say = inChinese): string | null {
  if (share === null) return null;
  const interval = wilson80(Number(share.num), Number(share.den));
  const whole = (value: number) => `${(Math.round(value * 1000) / 10).toFixed(1)}%`;
  return interval ? say(percent(share), whole(interval.low), whole(interval.high)) : percent(share);
}
