import { approximate, type Fraction } from "../format/index.ts";

export type DifferenceBarShape = { x: number; width: number; side: "above" | "below" } | null;

/** A bar from a zero line in the middle: right of it above the average, left of it below. `reach` is the largest difference drawn. */
export function prepareDifference(difference: Fraction | null, reach: number, width: number): DifferenceBarShape {
  if (difference === null || reach <= 0 || difference.num === 0n) return null;
  const value = approximate(difference);
  const half = width / 2;
  const length = Math.round(Math.min(1, Math.abs(value) / reach) * half * 100) / 100;
  return value > 0 ? { x: half, width: length, side: "above" } : { x: half - length, width: length, side: "below" };
}

export function DifferenceBar({
  difference,
  reach,
  label,
}: {
  difference: Fraction | null;
  reach: number;
  label: string;
}) {
  const [width, height] = [100, 24];
  const bar = prepareDifference(difference, reach, width);
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      className="xf-glyph"
    >
      {bar && <rect x={bar.x} y={7} width={bar.width} height={10} className={`xf-${bar.side}`} />}
      <line x1={width / 2} x2={width / 2} y1={2} y2={height - 2} className="xf-zero" />
    </svg>
  );
}
