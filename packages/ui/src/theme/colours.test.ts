import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contrast, dark, light, type Palette } from "./colours.ts";

const css = readFileSync(join(import.meta.dirname, "theme.css"), "utf8");
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Text and the ground it stands on, with the least ratio WCAG 2.2 AA asks for. */
const pairs: Array<[keyof Palette, keyof Palette, number]> = [
  ["ink", "surface", 4.5],
  ["ink", "bg", 4.5],
  ["ink2", "surface", 4.5],
  ["ink2", "tag", 4.5],
  ["ink3", "surface", 4.5],
  ["ink3", "bg", 4.5],
  ["act", "surface", 4.5],
  ["act", "actBg", 4.5],
  ["actText", "act", 4.5],
  ["ok", "okBg", 4.5],
  ["warn", "warnBg", 4.5],
  ["err", "errBg", 4.5],
  ["err", "surface", 4.5],
  ["control", "surface", 3],
  ["party", "surface", 3],
];

describe.each([
  ["light", light],
  ["dark", dark],
])("%s palette", (name, palette) => {
  it.each(pairs)("%s on %s is at least %s", (text, ground, least) => {
    expect(contrast(palette[text], palette[ground])).toBeGreaterThanOrEqual(least);
  });

  it("is what the style sheet says", () => {
    const block = css.split(name === "light" ? ":root" : '[data-theme="dark"]')[1]?.split("}")[0] ?? "";
    for (const [token, value] of Object.entries(palette))
      expect(block).toContain(`--${kebab(token)}: ${value.toLowerCase()};`);
  });
});
