import type { ScaleFigures } from "./scale-measure.ts";

type Series = { name: string; colour: string; of: (figures: ScaleFigures) => number | undefined };
type Panel = { title: string; unit: (value: number) => string; series: Series[] };

const seconds = (value: number) => (value < 600 ? `${value} s` : `${Math.round(value / 60)} min`);
const page = (start: string) => (figures: ScaleFigures) =>
  figures.pages.find(({ name }) => name.startsWith(start))?.spread.p95;

const panels: Panel[] = [
  {
    title: "once: load, copy, build",
    unit: seconds,
    series: [
      {
        name: "load into PostgreSQL",
        colour: "#336791",
        of: ({ load }) => load && load.copySeconds + load.keysSeconds,
      },
      { name: "first copy to ClickHouse", colour: "#b8860b", of: (f) => f.stream?.firstCopySeconds },
      { name: "deploy and build all marts", colour: "#c8102e", of: (f) => f.marts.deploySeconds },
    ],
  },
  {
    title: "always: refresh and pages",
    unit: (value) => (value < 1000 ? `${value} ms` : `${value / 1000} s`),
    series: [
      { name: "commit → every mart, median", colour: "#c8102e", of: (f) => f.marts.touched.roundMs.median },
      { name: "cockpit of the tenant, p95", colour: "#b8860b", of: page("the same of the whole tenant") },
      { name: "ranking page, p95", colour: "#336791", of: page("the ranking page") },
    ],
  },
  {
    title: "disk",
    unit: (value) => (value < 1e9 ? `${value / 1e6} MB` : `${value / 1e9} GB`),
    series: [
      { name: "PostgreSQL", colour: "#336791", of: (f) => f.disk.postgres },
      { name: "ClickHouse", colour: "#b8860b", of: (f) => f.disk.clickhouse },
    ],
  },
];

const [width, height, left, top, gap] = [300, 240, 62, 46, 30];
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const decades = (low: number, high: number): number[] =>
  Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, at) => low * 10 ** at);
const floor10 = (value: number) => 10 ** Math.floor(Math.log10(value));
const ceil10 = (value: number) => 10 ** Math.ceil(Math.log10(value));

/** Growth curves as SVG, both axes logarithmic: a straight line that climbs as fast as it goes right is linear growth. */
export function drawScale(runs: readonly ScaleFigures[]): string {
  const wide = panels.length * (width + left + gap) + 10;
  const tall = top + height + 110;
  const members = runs.map((run) => run.members);
  const [x0, x1] = [Math.min(...members) * 0.8, Math.max(...members, Math.min(...members) * 10) * 1.25];
  const parts = panels.map((panel, index) => {
    const values = panel.series.flatMap(({ of }) => runs.flatMap((run) => of(run) ?? []));
    const [y0, y1] = [floor10(Math.min(...values)), ceil10(Math.max(...values) * 1.01)];
    const x = (value: number) => (Math.log(value / x0) / Math.log(x1 / x0)) * width;
    const y = (value: number) => height - (Math.log(value / y0) / Math.log(y1 / y0)) * height;
    const grid = decades(y0, y1).map(
      (value) =>
        `<path d="M0 ${y(value).toFixed(1)}H${width}" stroke="#ddd"/><text x="-8" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${escaped(panel.unit(value))}</text>`,
    );
    const ticks = runs.map(
      (run) =>
        `<path d="M${x(run.members).toFixed(1)} ${height}v5" stroke="#888"/><text x="${x(run.members).toFixed(1)}" y="${height + 19}" text-anchor="middle">${run.members >= 1e6 ? `${run.members / 1e6}M` : `${run.members / 1e3}k`}</text>`,
    );
    const lines = panel.series.map(({ name, colour, of }, at) => {
      const points = runs.flatMap((run) => {
        const value = of(run);
        return value === undefined ? [] : [`${x(run.members).toFixed(1)},${y(value).toFixed(1)}`];
      });
      const dots = points.map(
        (point) => `<circle cx="${point.split(",")[0]}" cy="${point.split(",")[1]}" r="3.5" fill="${colour}"/>`,
      );
      const legend = `<path d="M0 ${height + 40 + at * 18}h18" stroke="${colour}" stroke-width="2.5"/><text x="24" y="${height + 44 + at * 18}">${escaped(name)}</text>`;
      return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2.5"/>${dots.join("")}${legend}`;
    });
    return `<g transform="translate(${left + index * (width + left + gap)} ${top})"><text x="0" y="-16" font-size="14" font-weight="600">${escaped(panel.title)}</text>${grid.join("")}<path d="M0 0V${height}H${width}" fill="none" stroke="#888"/>${ticks.join("")}${lines.join("")}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${tall}" font-family="system-ui, sans-serif" font-size="11.5" fill="#333" role="img" aria-label="Growth with the number of members">
<rect width="${wide}" height="${tall}" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}
