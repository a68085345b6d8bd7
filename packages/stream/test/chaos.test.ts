import { expect, test } from "vitest";
import { chaos } from "./chaos.ts";
import { tell } from "./world.ts";

const faults = Number(process.env.CHAOS_FAULTS ?? 4);

test("G1, G2, G6, G8, G12, G14, G15: random writes, changes of shape and faults from one seed end equal, and health told the truth", async ({
  task,
}) => {
  const seed = Number(process.env.SEED ?? 20261122);
  const report = await chaos({ seed, faults });
  tell(
    task,
    `${report.transactions} transactions, ${report.shapes} changes of shape, faults: ${Object.entries(report.faults)
      .map(([fault, times]) => `${times} × ${fault}`)
      .join(", ")}`,
  );
  expect(report.transactions).toBeGreaterThan(0);
  expect(Object.values(report.faults).reduce((all, one) => all + one, 0)).toBe(faults);
}, 600_000);
