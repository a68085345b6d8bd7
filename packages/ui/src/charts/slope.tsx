import { LabelList, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { type ChartColours, light } from "../tokens/index.ts";

export type SlopeRow = { id: string; name: string; before: number; after: number };
export type SlopeLine = SlopeRow & {
  tone: "up" | "down" | "rest";
  /** How many coloured lines end at the same rank before this one, on each side: their labels go below each other. */
  below: { before: number; after: number };
};

/** The `each` largest climbs and falls stand out, the rest stay grey; ties are broken by the better new rank, then by name. */
export function prepareSlope(rows: readonly SlopeRow[], each = 3): SlopeLine[] {
  const climb = (row: SlopeRow) => row.before - row.after;
  const order = (sign: 1 | -1) =>
    rows
      .filter((row) => climb(row) * sign > 0)
      .sort((a, b) => (climb(b) - climb(a)) * sign || a.after - b.after || a.name.localeCompare(b.name, "zh-CN"))
      .slice(0, each)
      .map((row) => row.id);
  const [up, down] = [new Set(order(1)), new Set(order(-1))];
  const tone = (row: SlopeRow): SlopeLine["tone"] => (up.has(row.id) ? "up" : down.has(row.id) ? "down" : "rest");
  const lines = rows.map((row) => ({ ...row, tone: tone(row) }));
  const coloured = lines.filter((line) => line.tone !== "rest");
  const earlier = (line: SlopeRow, side: "before" | "after") =>
    coloured
      .slice(
        0,
        coloured.findIndex(({ id }) => id === line.id),
      )
      .filter((other) => other[side] === line[side]).length;
  const placed = (line: (typeof lines)[number]): SlopeLine => ({
    ...line,
    below:
      line.tone === "rest"
        ? { before: 0, after: 0 }
        : { before: earlier(line, "before"), after: earlier(line, "after") },
  });
  // Coloured lines are drawn last, over the grey ones.
  return [...lines.filter((line) => line.tone === "rest"), ...coloured].map(placed);
}

/** How ranks moved between two runs: rank 1 on top, names at the left, new ranks at the right. */
export function SlopeChart({
  rows,
  beforeLabel,
  afterLabel,
  label,
  moved,
  height = 420,
  width = 720,
  colours = light,
}: {
  rows: readonly SlopeRow[];
  beforeLabel: string;
  afterLabel: string;
  label: string;
  /** Words beside the new rank: `上升10名`. */
  moved: (row: SlopeRow) => string;
  height?: number;
  width?: number;
  colours?: ChartColours;
}) {
  const lines = prepareSlope(rows);
  const lowest = Math.max(1, ...rows.flatMap((row) => [row.before, row.after]));
  const data = [
    { side: beforeLabel, ...Object.fromEntries(lines.map((line) => [line.id, line.before])) },
    { side: afterLabel, ...Object.fromEntries(lines.map((line) => [line.id, line.after])) },
  ];
  const colour = { up: colours.above, down: colours.below, rest: colours.muted };
  return (
    <div role="img" aria-label={label} style={{ height }}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width, height }}>
        <LineChart data={data} margin={{ top: 8, right: 132, bottom: 8, left: 240 }} accessibilityLayer={false}>
          <XAxis
            dataKey="side"
            orientation="top"
            tick={{ fontSize: 12, fill: colours.ink3 }}
            tickLine={false}
            axisLine={false}
            interval={0}
          />
          <YAxis reversed allowDecimals={false} domain={[1, lowest]} hide />
          {lines.map((line) => (
            <Line
              key={line.id}
              dataKey={line.id}
              type="linear"
              stroke={colour[line.tone]}
              strokeWidth={line.tone === "rest" ? 1 : 2}
              dot={{ r: line.tone === "rest" ? 1.5 : 3, fill: colour[line.tone], strokeWidth: 0 }}
              activeDot={false}
              isAnimationActive={false}
            >
              {line.tone !== "rest" && (
                <LabelList
                  content={
                    <EndLabel line={line} words={moved(line)} fill={line.tone === "up" ? "var(--up)" : "var(--down)"} />
                  }
                />
              )}
            </Line>
          ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}

type EndLabelProps = {
  line: SlopeLine;
  words: string;
  fill: string;
  x?: number | string;
  y?: number | string;
  index?: number;
};

function EndLabel({ line, words, fill, x, y, index }: EndLabelProps) {
  const shift = (index === 0 ? line.below.before : line.below.after) * 15;
  const [left, top] = [Number(x), Number(y) + 4 + shift];
  if (index === 0)
    return (
      <text x={left - 10} y={top} textAnchor="end" fontSize={12} style={{ fill: "var(--ink)" }}>
        {`${line.name}　${line.before}`}
      </text>
    );
  return (
    <text x={left + 10} y={top} fontSize={12} fontWeight={600} style={{ fill }}>
      {`${line.after}　${words}`}
    </text>
  );
}
