import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";
import { figureMembers } from "../app/figures.ts";
import { readMeanings } from "./model.ts";

/** Gives the pages the definitions of their figures, from the model that Cube serves; nothing is copied by hand. */
export function semanticLayer(): Plugin {
  const [name, id] = ["virtual:semantic-layer", "\0semantic-layer"];
  const cube = dirname(createRequire(import.meta.url).resolve("@xianfeng/cube"));
  return {
    name: "semantic-layer",
    resolveId: (asked) => (asked === name ? id : null),
    load(asked) {
      if (asked !== id) return null;
      const members = [...new Set(Object.values(figureMembers).flat())];
      return `export const meanings = ${JSON.stringify(readMeanings(join(cube, "../model"), members))};`;
    },
  };
}
