import { expect, test } from "vitest";
import { chaos } from "../test/chaos.ts";

const minutes = Number(process.env.CHAOS_MINUTES ?? 3);
const first = Number(process.env.SEED ?? 20261122);

for (const seed of [first, first + 1, first + 2]) {
  test(`G1–G17: ${minutes} minutes of chaos from seed ${seed} end equal, and health told the truth`, async () => {
    const report = await chaos({ seed, seconds: minutes * 60, say: (line) => process.stdout.write(`${line}\n`) });
    console.log(JSON.stringify(report));
    expect(report.transactions).toBeGreaterThan(50 * minutes);
    expect(report.shapes).toBeGreaterThan(0);
    expect(Object.keys(report.faults).length).toBeGreaterThan(3);
  });
}
