import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { askCube, mintWhole, openOwner, untilShown } from "../src/analytics.ts";
import { type Period, Person, publishPeriod } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;

beforeAll(async () => {
  owner = await openOwner(platform);
  await untilShown(platform, owner, 1);
});
afterAll(() => owner?.end());

test("with the stream frozen, the next request of everybody else finds no retracted report: page, data, list, detail, Cube with an older token", async () => {
  const committee = await Person.demo(platform, "cheng");
  const secretary = await Person.demo(platform, "zhou");
  const period = (await committee.ask<Period[]>("evaluation.periods")).find(
    (one) => one.year === 2025 && one.ordinal === 2,
  );
  if (!period) throw new Error("no period");
  const runId = await publishPeriod(committee, period.id, (what, ask) => poll(what, 120_000, ask));

  // Before: the branch reads its part everywhere.
  const page = `/insights/reports/${runId}`;
  const dataRoute = `/insights/reports/${runId}.data`;
  const listed = async () =>
    (await secretary.ask<Period[]>("evaluation.periods")).flatMap((one) => one.runs).some((run) => run.id === runId);
  expect((await secretary.get(page)).status).toBe(200);
  expect((await secretary.get(dataRoute)).status).toBe(200);
  expect((await secretary.call("evaluation.sealedReport", { runId })).status).toBe(200);
  expect(await listed()).toBe(true);
  const token = await mintWhole(platform, owner, 1, "report.read");
  const ask = {
    dimensions: ["evaluation_report.subject_id"],
    filters: [{ member: "evaluation_report.run_id", operator: "equals", values: [runId] }],
    limit: 50_000,
  };
  await poll("the sealed run in Cube", 60_000, async () => (await askCube(platform, token, ask)).rows.length > 0);

  const stream = platform.part("stream").pid;
  if (!stream) throw new Error("no stream");
  process.kill(stream, "SIGSTOP");
  try {
    const answer = await committee.post(`/insights/runs?period=${period.id}`, {
      act: "retract",
      periodId: period.id,
      runId,
      reason: "一名党员的所在支部有误",
    });
    expect(answer.status).toBeLessThan(400);
    const missing = await secretary.get("/insights/reports/0190ffff-ffff-7fff-8fff-ffffffffffff");
    const gone = await secretary.get(page);
    expect(gone.status).toBe(404);
    expect(missing.status).toBe(404);
    expect((await secretary.get(dataRoute)).status).toBe(404);
    expect((await secretary.call("evaluation.sealedReport", { runId })).status).toBe(404);
    expect((await secretary.call("evaluation.run", { runId })).status).toBe(404);
    expect(await listed()).toBe(false);
    const { status, rows } = await askCube(platform, token, ask);
    expect([200, 403]).toContain(status);
    expect(rows).toEqual([]);
    // A member's own line is gone as well.
    const member = await Person.demo(platform, "zheng");
    expect(JSON.stringify(await member.ask("evaluation.ownReports"))).not.toContain(runId);
  } finally {
    process.kill(stream, "SIGCONT");
  }
});
