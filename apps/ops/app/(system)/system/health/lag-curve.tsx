"use client";

import { clock, elapsed } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import { Empty } from "@/components/states.tsx";
import type { HealthData } from "./health.tsx";
import { healthWords } from "./words.ts";

const size = { width: 780, height: 170, left: 48, right: 14, top: 12, bottom: 24 };
const hourMs = 3_600_000;
/** From half a second to a quarter of an hour, by powers of ten. */
const [lowest, highest] = [Math.log10(0.5), Math.log10(900)];
const yOf = (seconds: number) => {
  const share = (Math.log10(Math.min(900, Math.max(0.5, seconds))) - lowest) / (highest - lowest);
  return size.height - size.bottom - share * (size.height - size.top - size.bottom);
};

/** How far the analytics side was behind, over the last hour. Where nothing is known the line has a gap. */
export function LagCurve({ health: { history, at, stream } }: { health: HealthData }) {
  const words = useWords(healthWords);
  if (!stream) return <Empty title={words.curveSilent} />;
  const known = history.filter(({ lagSeconds }) => lagSeconds !== undefined);
  const last = known.at(-1);
  if (!last || known.length < 2) return <Empty title={words.curveNone} how={words.curveNoneHow} />;
  const end = at.getTime();
  const xOf = (time: number) =>
    size.width -
    size.right -
    (Math.min(hourMs, Math.max(0, end - time)) / hourMs) * (size.width - size.left - size.right);
  let path = "";
  let before: number | undefined;
  for (const sample of history) {
    if (sample.lagSeconds !== undefined)
      path += `${before !== undefined && sample.at - before < 25_000 ? "L" : "M"}${xOf(sample.at).toFixed(1)} ${yOf(sample.lagSeconds).toFixed(1)}`;
    before = sample.lagSeconds === undefined ? undefined : sample.at;
  }
  const now = elapsed(last.lagSeconds ?? 0);
  const [x, y] = [xOf(last.at), yOf(last.lagSeconds ?? 0)];
  return (
    <div className="hl-curve">
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={words.curveLabel(now)}>
        {[1, 10, 100].map((seconds, line) => (
          <g key={seconds}>
            <line x1={size.left} x2={size.width - size.right} y1={yOf(seconds)} y2={yOf(seconds)} className="hl-grid" />
            <text x={size.left - 6} y={yOf(seconds) + 4} textAnchor="end">
              {words.axis[line]}
            </text>
          </g>
        ))}
        <line x1={size.left} x2={size.width - size.right} y1={yOf(30)} y2={yOf(30)} className="hl-amber" />
        <text x={size.left + 6} y={yOf(30) - 5} className="hl-amber-text">
          {words.amber}
        </text>
        <line x1={size.left} x2={size.width - size.right} y1={yOf(300)} y2={yOf(300)} className="hl-red" />
        <text x={size.left + 6} y={yOf(300) - 5} className="hl-red-text">
          {words.red}
        </text>
        <path d={path} className="hl-line" />
        <circle cx={x} cy={y} r="4" className="hl-dot" />
        <text x={x - 8} y={y - 9} textAnchor="end" className="hl-now">
          {now}
        </text>
        {[0, 15, 30, 45, 60].map((minutes) => (
          <text
            key={minutes}
            x={xOf(end - minutes * 60_000)}
            y={size.height - 6}
            textAnchor={minutes === 0 ? "end" : minutes === 60 ? "start" : "middle"}
          >
            {clock(new Date(end - minutes * 60_000).toISOString()).slice(0, 5)}
          </text>
        ))}
      </svg>
    </div>
  );
}
