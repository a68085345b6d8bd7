/** Colours that Recharts needs as values; everything else reads the variables of theme.css and tokens.css. */
export type ChartColours = {
  grid: string;
  lineStrong: string;
  ink3: string;
  /** Categorical, in this order; the fifth is always 其他. */
  series: readonly [string, string, string, string, string];
  emphasis: string;
  above: string;
  below: string;
  muted: string;
};

export const light: ChartColours = {
  grid: "#EDF0F4",
  lineStrong: "#C9D0DA",
  ink3: "#646E7C",
  series: ["#1B4F9C", "#C77A2C", "#2A7776", "#6F1D5B", "#8A939D"],
  emphasis: "#BE1A20",
  above: "#1B4F9C",
  below: "#C77A2C",
  muted: "#C9D0DA",
};

export const wall: ChartColours = {
  grid: "#2A333E",
  lineStrong: "#3A4553",
  ink3: "#8F99A6",
  series: ["#64A7E8", "#E7A651", "#7CE2D6", "#A06BC4", "#89929C"],
  emphasis: "#F0555A",
  above: "#64A7E8",
  below: "#E7A651",
  muted: "#3A4553",
};
