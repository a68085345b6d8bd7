/** A share axis from 0 to `max`, with ticks at round percentages. */
export type ShareAxis = { max: number; ticks: number[] };

const steps = [0.01, 0.02, 0.05, 0.1, 0.2];

/** The axis that holds all values with at most six ticks. Shares of a whole never need more than 100 %. */
export function shareAxis(values: readonly number[]): ShareAxis {
  const top = Math.min(1, Math.max(0.01, ...values));
  const step = steps.find((width) => Math.ceil(round(top / width)) <= 5) ?? 0.2;
  const count = Math.min(Math.ceil(round(top / step)), Math.round(1 / step));
  return { max: round(count * step), ticks: Array.from({ length: count + 1 }, (_, index) => round(index * step)) };
}

const round = (value: number) => Math.round(value * 1e9) / 1e9;

/** Pixel position of a share on an axis that runs from `left` to `right`. */
export const place = (value: number, axis: ShareAxis, left: number, right: number): number =>
  Math.round((left + (Math.min(Math.max(value, 0), axis.max) / axis.max) * (right - left)) * 100) / 100;
