import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { approximate, type Fraction, percent } from "../format/index.ts";
import { type ChartColours, light } from "../tokens/index.ts";
import { shareAxis } from "./scale.ts";

export type TrendPoint = { label: string; share: Fraction | null };
export type TrendDatum = { label: string; value: number | null; text: string };

/** Points of a share over time, missing ones as null so that the line has a gap, and the axis from 0 that holds them. */
export function prepareTrend(points: readonly TrendPoint[], target: number | null) {
  const data = points.map(
    ({ label, share }): TrendDatum => ({
      label,
      value: share === null ? null : approximate(share),
      text: share === null ? percent(null) : `${percent(share)}（${share.num} / ${share.den}）`,
    }),
  );
  const values = data.flatMap(({ value }) => (value === null ? [] : [value]));
  return { data, axis: shareAxis(target === null ? values : [...values, target]) };
}

/** A share over time. Drawn on the server with the given first size; no animation. */
export function TrendChart({
  points,
  target = null,
  targetLabel,
  label,
  height = 180,
  size = { width: 320, height: 180 },
  axisWidth = 44,
  scale = 1,
  colours = light,
  fontSize = 12,
}: {
  points: readonly TrendPoint[];
  target?: number | null;
  targetLabel?: string;
  label: string;
  /** Height of the box, pixels or a CSS length. */
  height?: number | string;
  /** Pixels that the box is taken for until it is measured. */
  size?: { width: number; height: number };
  /** Room for the labels of the Y axis, pixels. */
  axisWidth?: number;
  /** Enlarges lines, dots and rooms for a screen that is seen from afar. */
  scale?: number;
  colours?: ChartColours;
  fontSize?: number | string;
}) {
  const { data, axis } = prepareTrend(points, target);
  const tick = { fontSize, fill: colours.ink3 };
  return (
    <div role="img" aria-label={label} style={{ height }}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={size}>
        <LineChart data={data} margin={{ top: 8 * scale, right: 16 * scale, bottom: 0, left: 0 }} accessibilityLayer>
          <CartesianGrid vertical={false} stroke={colours.grid} />
          <XAxis
            dataKey="label"
            tick={tick}
            tickLine={false}
            axisLine={{ stroke: colours.lineStrong }}
            interval="equidistantPreserveStart"
            height={30 * scale}
          />
          <YAxis
            domain={[0, axis.max]}
            ticks={axis.ticks}
            tickFormatter={(value: number) => `${Math.round(value * 100)}%`}
            tick={tick}
            tickLine={false}
            axisLine={false}
            width={axisWidth * scale}
            interval={0}
          />
          {target !== null && (
            <ReferenceLine
              y={target}
              stroke={colours.ink3}
              strokeDasharray="3 3"
              {...(targetLabel
                ? { label: { value: targetLabel, position: "insideTopRight", fontSize, fill: colours.ink3 } }
                : {})}
            />
          )}
          <Tooltip content={<TrendTip />} isAnimationActive={false} />
          <Line
            dataKey="value"
            stroke={colours.series[0]}
            strokeWidth={2 * scale}
            dot={{ r: 3 * scale, fill: colours.series[0] }}
            connectNulls={false}
            isAnimationActive={false}
          />
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}

function TrendTip({ active, payload }: { active?: boolean; payload?: readonly { payload?: TrendDatum }[] }) {
  const datum = payload?.[0]?.payload;
  if (!active || !datum) return null;
  return (
    <div className="xf-tip">
      {datum.label}
      <b>{datum.text}</b>
    </div>
  );
}
