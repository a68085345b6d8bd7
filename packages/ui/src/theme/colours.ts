/** The palette by token name; contrast of each pair is checked by `colours.test.ts`. */
export const light = {
  bg: "#F4F5F7",
  surface: "#FFFFFF",
  subtle: "#F8F9FB",
  hover: "#F1F5FA",
  line: "#E3E7ED",
  lineStrong: "#C9D0DA",
  split: "#EDF0F4",
  control: "#8A93A1",
  ink: "#18202B",
  ink2: "#4A5565",
  ink3: "#646E7C",
  ink4: "#9AA3B0",
  act: "#1D4F91",
  actHover: "#2A63AD",
  actBg: "#EAF1FA",
  actLine: "#B9CEE8",
  actText: "#FFFFFF",
  party: "#BE1A20",
  ok: "#1F7548",
  okBg: "#E8F4ED",
  warn: "#9A5700",
  warnBg: "#FDF3E1",
  err: "#B8400E",
  errBg: "#FDEEE8",
  tag: "#EEF1F5",
} as const;

export type Palette = { [Name in keyof typeof light]: string };

/** Dark desk theme: nearer means lighter. */
export const dark: Palette = {
  bg: "#14181E",
  surface: "#1B2027",
  subtle: "#20262E",
  hover: "#232A33",
  line: "#2C343E",
  lineStrong: "#3A4553",
  split: "#262D36",
  control: "#717C8B",
  ink: "#E6E9ED",
  ink2: "#AEB7C2",
  ink3: "#87919E",
  ink4: "#5E6875",
  act: "#7FB0EA",
  actHover: "#9BC2F0",
  actBg: "#1F2E42",
  actLine: "#34506F",
  actText: "#12171D",
  party: "#F0555A",
  ok: "#6FBF92",
  okBg: "#1B3226",
  warn: "#E2A64A",
  warnBg: "#352A16",
  err: "#F08A62",
  errBg: "#3A2218",
  tag: "#2A323C",
};

export const fontFamily =
  '"Noto Sans SC Variable","Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif';

/** WCAG 2.x contrast ratio of two `#RRGGBB` colours. */
export function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const channel = (at: number) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  };
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}
