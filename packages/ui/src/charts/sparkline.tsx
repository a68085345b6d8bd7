import { approximate, type Fraction } from "../format/index.ts";

export type SparkPoint = { x: number; y: number };
export type Spark = { lines: SparkPoint[][]; last: SparkPoint | null };

/** A small line in a box. A period without a value breaks the line; it is never drawn as 0. */
export function prepareSpark(
  values: readonly (Fraction | null)[],
  box: { width: number; height: number; pad: number },
  top: number,
): Spark {
  const step = values.length > 1 ? (box.width - 2 * box.pad) / (values.length - 1) : 0;
  const lines: SparkPoint[][] = [];
  let line: SparkPoint[] = [];
  let last: SparkPoint | null = null;
  values.forEach((value, index) => {
    if (value === null) {
      if (line.length > 0) lines.push(line);
      line = [];
      return;
    }
    const height = top === 0 ? 0 : approximate(value) / top;
    const x = values.length > 1 ? box.pad + index * step : box.width - box.pad;
    const point = { x: hundredth(x), y: hundredth(box.height - box.pad - height * (box.height - 2 * box.pad)) };
    line.push(point);
    last = index === values.length - 1 ? point : null;
  });
  if (line.length > 0) lines.push(line);
  return { lines, last };
}

const hundredth = (value: number) => Math.round(value * 100) / 100;

const box = { width: 92, height: 26, pad: 4 };

/** The last periods of one row. `top` is the largest value of all rows, so that heights compare. */
export function Sparkline({
  values,
  top,
  label,
}: {
  values: readonly (Fraction | null)[];
  top: number;
  label: string;
}) {
  const spark = prepareSpark(values, box, top);
  return (
    <svg
      width={box.width}
      height={box.height}
      viewBox={`0 0 ${box.width} ${box.height}`}
      role="img"
      aria-label={label}
      className="xf-glyph"
    >
      {spark.lines.map((line) => (
        <polyline key={line[0]?.x} points={line.map(({ x, y }) => `${x},${y}`).join(" ")} className="xf-spark" />
      ))}
      {spark.last && <circle cx={spark.last.x} cy={spark.last.y} r={3} className="xf-dot" />}
    </svg>
  );
}
