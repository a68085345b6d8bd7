import type { ReactNode } from "react";
import type { OpenNumber } from "../figures.ts";

/** One side of an equation. */
export type Part = { value: string; unit: string; words: string };

/**
 * A number and where it comes from. A tile shows `value` of the very object that the panel opens with: they cannot differ.
 * Rows are names only where the reader may see names, otherwise counts.
 */
export type Explained = OpenNumber & {
  /** Whose number it is. */
  of: string;
  value: string;
  unit?: string | undefined;
  /** The equation: two parts with the sign between them. */
  parts: [Part, string, Part] | null;
  rows: ReactNode;
  foot?: ReactNode;
  /** What else tells administrators which rows of the members count: `measure = members`. */
  within?: string;
};

/** Finds what an address asks for among the numbers of a page. */
export const among =
  (numbers: readonly Explained[]) =>
  ({ figure, subject }: OpenNumber): Explained | null =>
    numbers.find((one) => one.figure === figure && one.subject === subject) ?? null;
