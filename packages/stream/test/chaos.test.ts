import { expect, test } from "vitest";
import { chaos } from "./chaos.ts";

test("G1, G2, G6, G8, G12, G14, G15: twenty seconds of random writes, changes of shape and faults end equal, and health told the truth", async () => {
  const seed = Number(process.env.SEED ?? 20261122);
  const report = await chaos({ seed, seconds: Number(process.env.CHAOS_SECONDS ?? 20) });
  console.log(JSON.stringify(report));
  expect(report.transactions).toBeGreaterThan(20);
  expect(Object.values(report.faults).reduce((all, one) => all + one, 0)).toBeGreaterThan(2);
}, 600_000);
