import { expect, test } from "vitest";
import { chaos } from "../test/chaos.ts";
import { tell } from "../test/world.ts";

const minutes = Number(process.env.CHAOS_MINUTES ?? 3);
const first = Number(process.env.SEED ?? 20261122);

for (const seed of [first, first + 1, first + 2]) {
  test(`G1, G2, G6, G8, G12, G14, G15: ${minutes} minutes of chaos from seed ${seed} end equal, and health told the truth`, async ({
    task,
  }) => {
    const report = await chaos({ seed, seconds: minutes * 60, say: (line) => process.stdout.write(`${line}\n`) });
    tell(
      task,
      `${report.transactions} transactions, ${report.shapes} changes of shape, faults: ${Object.entries(report.faults)
        .map(([fault, times]) => `${times} × ${fault}`)
        .join(", ")}`,
    );
    expect(report.transactions).toBeGreaterThan(50 * minutes);
    expect(report.shapes).toBeGreaterThan(0);
    expect(Object.keys(report.faults).length).toBeGreaterThan(3);
  });
}
