import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "@xianfeng/stack/settings";
import { pathsIn } from "@xianfeng/stack/state";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { askCube, mintWhole, openOwner, untilShown } from "../src/analytics.ts";
import { type Period, Person, publishPeriod } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";

const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let committee: Person;

beforeAll(async () => {
  owner = await openOwner(platform);
  committee = await Person.demo(platform, "cheng");
  await untilShown(platform, owner, 1);
});
afterAll(() => owner?.end());

/** The report as the operational app reads it: from PostgreSQL alone. */
const report = async (runId: string) => JSON.stringify(await committee.ask("evaluation.sealedReport", { runId }));

/** What Cube shows of the run, in an order of its own. */
async function inCube(runId: string): Promise<string> {
  const members = [
    "population_kind",
    "population_org_id",
    "subject_id",
    "indicator_code",
    "group_org_id",
    "score_num",
    "score_den",
    "rank",
    "of_n",
    "is_top",
    "prev_rank",
  ].map((name) => `evaluation_report.${name}`);
  const token = await mintWhole(platform, owner, 1, "report.read");
  const filters = [{ member: "evaluation_report.run_id", operator: "equals", values: [runId] }];
  const { rows } = await askCube(platform, token, { dimensions: members, filters, limit: 50_000 });
  return JSON.stringify(
    rows
      .map((row) => members.map((member) => row[member]))
      .map(String)
      .sort(),
  );
}

/** The digest that a program of its own computes from the report's rows. */
function digestByPython(text: string): string {
  const { stdout, status, stderr } = spawnSync("python3", [join(root, "scripts/verify-seal.py")], {
    input: text,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return stdout.match(/[0-9a-f]{64}/)?.[0] ?? "";
}

test("a published report stays identical to the digit when scores, people and names change and ClickHouse is lost", async () => {
  const period = (await committee.ask<Period[]>("evaluation.periods")).find(
    (one) => one.year === 2026 && one.ordinal === 1,
  );
  if (!period) throw new Error("no period");
  const runId = await publishPeriod(committee, period.id, (what, ask) => poll(what, 120_000, ask));
  const sealed = await report(runId);
  const { run } = JSON.parse(sealed) as { run: { digest: string } };
  expect(digestByPython(sealed)).toBe(run.digest);

  // Late changes of every kind.
  await owner.query(
    "UPDATE evaluation_entry SET value_bp = 10000 - value_bp / 2 WHERE tenant_id = 1 AND period_id = $1",
    [period.id],
  );
  await owner.query(
    `UPDATE attendance SET state = 'absent', checked_in_at = NULL WHERE tenant_id = 1 AND id IN (
       SELECT a.id FROM attendance a JOIN meeting m ON m.id = a.meeting_id JOIN evaluation_period p ON p.id = $1 AND m.held_on BETWEEN p.starts_on AND p.ends_on
       WHERE a.tenant_id = 1 AND a.state = 'on_time' ORDER BY a.id LIMIT 4000)`,
    [period.id],
  );
  await owner.query(
    `UPDATE membership SET org_id = (SELECT id FROM party_org WHERE code = '0128-01') WHERE id IN (
       SELECT m.id FROM membership m JOIN party_org o ON o.id = m.org_id WHERE o.code = '0128-14' AND m.superseded_at IS NULL ORDER BY m.id LIMIT 5)`,
  );
  await owner.query("UPDATE party_org SET short_name = '改名之后的党支部' WHERE tenant_id = 1 AND code = '0128-14'");
  await untilShown(platform, owner, 1);
  expect(await report(runId)).toBe(sealed);
  const beforeLoss = await inCube(runId);
  expect(beforeLoss.length).toBeGreaterThan(1000);

  // A new preview differs; the sealed one does not.
  await committee.post(`/insights/runs?period=${period.id}`, { act: "generate", periodId: period.id });
  const preview = (await committee.ask<Period[]>("evaluation.periods"))
    .find((one) => one.id === period.id)
    ?.runs.find((one) => one.state === "preview");
  if (!preview) throw new Error("no preview");
  const previewRows = await poll("the preview in Cube", 120_000, async () => {
    const token = await mintWhole(platform, owner, 1, "evaluation.generate");
    const { rows } = await askCube(platform, token, {
      dimensions: ["evaluation_report.subject_id", "evaluation_report.score_num", "evaluation_report.score_den"],
      filters: [
        { member: "evaluation_report.run_id", operator: "equals", values: [preview.id] },
        { member: "evaluation_report.indicator_code", operator: "equals", values: ["overall"] },
        { member: "evaluation_report.population_kind", operator: "equals", values: ["college"] },
      ],
      limit: 5_000,
    });
    return rows.length > 100 ? rows : null;
  });
  const sealedScores = new Map(
    (
      JSON.parse(sealed) as {
        results: {
          subjectId: string;
          indicatorCode: string;
          populationKind: string;
          scoreNum: string;
          scoreDen: string;
        }[];
      }
    ).results
      .filter((row) => row.indicatorCode === "overall" && row.populationKind === "college")
      .map((row) => [row.subjectId, `${row.scoreNum}/${row.scoreDen}`]),
  );
  const moved = previewRows.filter(
    (row) =>
      sealedScores.get(String(row["evaluation_report.subject_id"])) !==
      `${row["evaluation_report.score_num"]}/${row["evaluation_report.score_den"]}`,
  );
  expect(moved.length).toBeGreaterThan(100);

  // The whole ClickHouse folder goes; the platform builds it again from PostgreSQL.
  await owner.end();
  await platform.restart(() => rmSync(pathsIn(platform.stateDir).clickhouse, { recursive: true }));
  await poll(
    "ClickHouse to answer again",
    240_000,
    () => platform.part("engine").state === "ready" && platform.part("postgres").state === "ready",
  );
  // The stream notices that its copies are gone and waits for the word.
  await poll(
    "everything to be copied again",
    240_000,
    () => platform.status().state === "ready" || platform.command("recover").status === 0,
  );
  await platform.untilReady();
  owner = await openOwner(platform);
  committee = await Person.demo(platform, "cheng");
  await untilShown(platform, owner, 1);
  expect(await report(runId)).toBe(sealed);
  expect(digestByPython(await report(runId))).toBe(run.digest);
  expect(
    await poll("the sealed run in Cube again", 120_000, async () =>
      (await inCube(runId)) === beforeLoss ? beforeLoss : null,
    ),
  ).toBe(beforeLoss);
}, 900_000);
