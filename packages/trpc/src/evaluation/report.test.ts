import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { inTenant, Prisma } from "@xianfeng/db";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  addEvaluation,
  brokenReader,
  handmadeRows,
  kindOf,
  readerOf,
  releasedTogether,
  type Setup,
} from "../../test/evaluation-setup.ts";
import { createFixture, type Fixture } from "../../test/fixture.ts";
import { createCaller } from "../index.ts";
import { calendar, type RunRows, type SealReader } from "../kernel/index.ts";

let fixture: Fixture;
let setup: Setup;
let rows: RunRows;
let committee: ReturnType<typeof createCaller>;
/** The committee inside the analytics server, where a reader is at hand. */
let insights: (reader: SealReader) => ReturnType<typeof createCaller>;

beforeAll(async () => {
  fixture = await createFixture();
  // The organisations were known before the day on which these tests happen.
  await fixture.owner.orgVersion.updateMany({ data: { recordedAt: calendar.instantOf("2015-01-01", "08:00") } });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  // A sealed run cannot be deleted row by row, which is what some of these tests are about.
  await fixture.owner.$executeRaw`TRUNCATE indicator, scheme_version, evaluation_period, audit_event CASCADE`;
  setup = await addEvaluation(fixture);
  rows = handmadeRows(fixture);
  const context = await fixture.contextOf([["committee_admin", "K1", "below"]]);
  committee = createCaller(context);
  insights = (sealReader) => createCaller({ ...context, sealReader });
  await fixture.owner.evaluationEntry.create({
    data: {
      tenantId: fixture.tenants.one,
      periodId: setup.periodId,
      personId: fixture.person("B1").id,
      indicatorId: setup.indicatorId,
      valueBp: 8_000,
      groupOrgId: fixture.orgs.B1,
    },
  });
});

const periodId = () => ({ periodId: setup.periodId });
async function published(): Promise<string> {
  const { runId } = await committee.evaluation.generate(periodId());
  await insights(readerOf(rows)).evaluation.publish({ runId, note: "" });
  return runId;
}
const stateOf = async (runId: string) =>
  (await fixture.owner.evaluationRun.findUniqueOrThrow({ where: { id: runId } })).state;
const text = (row: object) => JSON.stringify(Object.entries(row).sort());
const byText = (one: object, other: object) => text(one).localeCompare(text(other));

describe("a preview", () => {
  it("is not made without data, and only one at a time however often it is asked for", async () => {
    await fixture.owner.evaluationEntry.deleteMany({});
    await expect(committee.evaluation.generate(periodId())).rejects.toThrow("还没有导入评价数据");
    await fixture.owner.evaluationEntry.create({
      data: {
        tenantId: fixture.tenants.one,
        periodId: setup.periodId,
        personId: fixture.person("B1").id,
        indicatorId: setup.indicatorId,
        valueBp: 1,
      },
    });
    const answers = await releasedTogether(
      fixture.owner,
      Prisma.sql`SELECT 1 FROM evaluation_period WHERE id = ${setup.periodId}::uuid FOR UPDATE`,
      [1, 2, 3].map(() => () => committee.evaluation.generate(periodId())),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(3).fill("fulfilled"));
    expect(await fixture.owner.evaluationRun.count({ where: { state: "preview" } })).toBe(1);
  });

  it("is ready only when the marts have passed everything recorded before it", async () => {
    const { runId, closeLsn } = await committee.evaluation.generate(periodId());
    const ready = async (reader: SealReader) => (await insights(reader).evaluation.previewReady({ runId })).ready;
    expect(closeLsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    expect(await ready(readerOf(null))).toBe(false);
    expect(await ready(readerOf({ ...rows, asOfLsn: "1" }))).toBe(false);
    expect(await ready(readerOf(rows))).toBe(true);
  });

  it("is seen by nobody below the committee, and gone once it was discarded", async () => {
    const { runId } = await committee.evaluation.generate(periodId());
    const secretary = await fixture.as([["branch_secretary", "B1"]]);
    expect(await kindOf(secretary.evaluation.run({ runId }))).toBe("not_found");
    expect((await secretary.evaluation.periods())[0]?.runs.map((run) => run.state)).toEqual(["live"]);
    await committee.evaluation.discard({ runId });
    expect(await kindOf(committee.evaluation.run({ runId }))).toBe("not_found");
    expect(await kindOf(insights(readerOf(rows)).evaluation.publish({ runId, note: "" }))).toBe("state");
  });

  it("is not shown to somebody whose right to make one is for another organisation", async () => {
    const { runId } = await committee.evaluation.generate(periodId());
    // Reads rankings of the whole college, and may generate for a branch only.
    const mixed = await fixture.as([
      ["general_branch_admin", "K1", "below"],
      ["committee_admin", "B1"],
    ]);
    expect(await kindOf(mixed.evaluation.run({ runId }))).toBe("not_found");
    expect(await kindOf(mixed.evaluation.discard({ runId }))).toBe("not_found");
  });
});

describe("publishing", () => {
  it("copies what the marts computed, cell by cell", async () => {
    const report = await committee.evaluation.sealedReport({ runId: await published() });
    expect([...report.values].sort(byText)).toEqual([...rows.values].sort(byText));
    const stored = report.results.map(({ tied: _, ...row }) => row);
    expect(stored.sort(byText)).toEqual([...rows.results].sort(byText));
    expect(report.whole).toBe(true);
    expect(report.orgNames[fixture.orgs.B1]).toBe("中共试验学院B1组织");
  });

  it("states the digest that an independent program computes, and that program notices a change", async () => {
    const report = await committee.evaluation.sealedReport({ runId: await published() });
    const verify = (answer: unknown) =>
      execFileSync("python3", [join(import.meta.dirname, "../../../../scripts/verify-seal.py")], {
        input: JSON.stringify(answer),
        encoding: "utf8",
        stdio: ["pipe", "pipe", "pipe"],
      }).trim();
    expect(verify(report)).toBe(report.run.digest);
    expect(verify([{ result: { data: { json: report } } }])).toBe(report.run.digest);
    const [first, ...others] = report.results;
    expect(() => verify({ ...report, results: others })).toThrow();
    expect(() => verify({ ...report, results: [{ ...first, rank: 99 }, ...others] })).toThrow();
    expect(() => verify({ ...report, whole: false })).toThrow();
  });

  it("twice is the same as once", async () => {
    const { runId } = await committee.evaluation.generate(periodId());
    const caller = insights(readerOf(rows));
    const first = await caller.evaluation.publish({ runId, note: "" });
    // Newer marts do not matter any more: what is sealed is sealed.
    const again = insights(readerOf({ ...rows, results: rows.results.slice(1) }));
    expect(await again.evaluation.publish({ runId, note: "" })).toEqual(first);
    expect((await committee.evaluation.sealedReport({ runId })).results).toHaveLength(rows.results.length);
  });

  it("FA29: by two people at once seals one set of rows, and one of them hears of the other", async () => {
    const { runId } = await committee.evaluation.generate(periodId());
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let asked = 0;
    const slow = readerOf(rows, gate);
    const counting: SealReader = {
      readRun(id) {
        // Both have read the preview before either writes.
        if (++asked === 2) open();
        return slow.readRun(id);
      },
    };
    const outcomes = await Promise.all(
      [1, 2].map(() => kindOf(insights(counting).evaluation.publish({ runId, note: "" }))),
    );
    expect(outcomes.sort()).toEqual(["conflict", "went through"]);
    expect(await fixture.owner.evaluationReport.count({ where: { runId } })).toBe(1);
    expect(await fixture.owner.evaluationResult.count({ where: { runId } })).toBe(rows.results.length);
  });

  it.each([
    ["the analytics side is away", () => brokenReader, "unavailable"],
    ["the marts do not show the preview yet", () => readerOf(null), "unavailable"],
    ["the marts are behind", () => readerOf({ ...rows, asOfLsn: "1" }), "unavailable"],
    ["the marts rank nobody", () => readerOf({ ...rows, results: [] }), "state"],
    [
      "the rows contradict themselves",
      () => readerOf({ ...rows, results: [...rows.results, ...rows.results] }),
      "TRPCError",
    ],
  ])("is refused while %s, and the preview is still there", async (_, reader, kind) => {
    const { runId } = await committee.evaluation.generate(periodId());
    expect(await kindOf(insights(reader()).evaluation.publish({ runId, note: "" }))).toContain(kind);
    expect(await stateOf(runId)).toBe("preview");
    expect(await fixture.owner.evaluationResult.count({ where: { runId } })).toBe(0);
    expect(await kindOf(insights(readerOf(rows)).evaluation.publish({ runId, note: "" }))).toBe("went through");
  });

  it("cannot be done in the operational app, which never reads the marts", async () => {
    const { runId } = await committee.evaluation.generate(periodId());
    expect(await kindOf(committee.evaluation.publish({ runId, note: "" }))).toBe("state");
  });

  it("of the live run is refused", async () => {
    expect(await kindOf(insights(readerOf(rows)).evaluation.publish({ runId: setup.liveRunId, note: "" }))).toBe(
      "state",
    );
  });
});

describe("sealed rows", () => {
  it.each([
    ["evaluation_result", "UPDATE evaluation_result SET rank = 1"],
    ["evaluation_result", "DELETE FROM evaluation_result"],
    ["evaluation_value", "UPDATE evaluation_value SET value_num = 1, value_den = 1"],
    ["evaluation_value", "DELETE FROM evaluation_value"],
  ])("of %s cannot be changed by the platform: %s", async (_, statement) => {
    await published();
    await expect(inTenant(fixture.app, fixture.tenants.one, (tx) => tx.$executeRawUnsafe(statement))).rejects.toThrow(
      /permission denied/,
    );
  });

  it.each(["UPDATE evaluation_run SET digest = 'x'", "DELETE FROM evaluation_run"])(
    "belong to a run that not even the owner of the tables changes: %s",
    async (statement) => {
      const runId = await published();
      await expect(fixture.owner.$executeRawUnsafe(`${statement} WHERE id = '${runId}'`)).rejects.toThrow();
      expect(await stateOf(runId)).toBe("sealed");
    },
  );

  it("keep their names and stay readable after the organisation was renamed", async () => {
    const runId = await published();
    await fixture.owner.partyOrg.update({ where: { id: fixture.orgs.B4 }, data: { fullName: "新名" } });
    await fixture.owner.orgVersion.updateMany({
      where: { orgId: fixture.orgs.B4 },
      data: { supersededAt: calendar.instantOf("2026-11-21", "10:00") },
    });
    await fixture.owner.orgVersion.create({
      data: {
        tenantId: fixture.tenants.one,
        orgId: fixture.orgs.B4,
        parentId: fixture.orgs.K1,
        fullName: "新名",
        kind: "branch",
        validFrom: calendar.toColumn("2015-01-01"),
        recordedAt: calendar.instantOf("2026-11-21", "10:00"),
      },
    });
    const report = await committee.evaluation.sealedReport({ runId });
    expect(report.orgNames[fixture.orgs.B4]).toBe("中共试验学院B4组织");
  });
});

describe("who reads a published report", () => {
  it("the committee all of it, a general branch its branches, a branch itself and its people", async () => {
    const runId = await published();
    const groupsOf = async (caller: ReturnType<typeof createCaller>) => {
      const { results, values, whole } = await caller.evaluation.sealedReport({ runId });
      return {
        groups: [...new Set([...results, ...values].map((row) => row.groupOrgId))].sort(),
        whole,
        n: results.length,
      };
    };
    const { B1, B2, B3, B4 } = fixture.orgs;
    expect(await groupsOf(committee)).toEqual({ groups: [B1, B2, B3, B4].sort(), whole: true, n: 20 });
    expect(await groupsOf(await fixture.as([["general_branch_admin", "G1", "below"]]))).toEqual({
      groups: [B1, B2].sort(),
      whole: false,
      n: 10,
    });
    expect(await groupsOf(await fixture.as([["branch_secretary", "B1"]]))).toEqual({
      groups: [B1],
      whole: false,
      n: 5,
    });
  });

  it("hears that a rank is shared with somebody outside his sight", async () => {
    const runId = await published();
    const tiesOf = async (org: "B1" | "B2") => {
      const secretary = await fixture.as([["branch_secretary", org]]);
      const { results } = await secretary.evaluation.sealedReport({ runId });
      return results.filter((row) => row.subjectKind === "branch").map((row) => [row.rank, row.tied]);
    };
    expect(await tiesOf("B1")).toEqual([[1, false]]);
    expect(await tiesOf("B2")).toEqual([[2, true]]);
  });

  it("a member only his own line", async () => {
    const runId = await published();
    const me = fixture.person("B1", 1).id;
    const member = await fixture.as([["member", "B1"]], { personId: me });
    const [report, ...others] = await member.evaluation.ownReports();
    expect(others).toEqual([]);
    expect(report?.run.id).toBe(runId);
    expect(report?.results.map((row) => [row.subjectId, row.populationKind, row.rank]).sort()).toEqual([
      [me, "branch", 2],
      [me, "college", 2],
    ]);
    expect(await kindOf(member.evaluation.sealedReport({ runId }))).toBe("forbidden");
    expect(await kindOf(member.evaluation.periods())).toBe("forbidden");
    const nobody = await fixture.as([["member", "B1"]]);
    expect(await nobody.evaluation.ownReports()).toEqual([]);
  });

  it("another tenant nothing, and it hears the same as for a run that does not exist", async () => {
    const runId = await published();
    await addEvaluation(fixture, "two");
    const foreign = await fixture.as([["committee_admin", "K2", "below"]]);
    const said = (id: string) => foreign.evaluation.sealedReport({ runId: id }).catch((error) => String(error));
    expect(await said(runId)).toBe(await said("01999999-9999-7999-8999-999999999999"));
    expect(
      await Promise.all(
        [
          foreign.evaluation.run({ runId }),
          foreign.evaluation.retract({ runId, reason: "试" }),
          foreign.evaluation.generate(periodId()),
          foreign.evaluation.discard({ runId }),
        ].map(kindOf),
      ),
    ).toEqual(Array(4).fill("not_found"));
    expect((await foreign.evaluation.periods()).flatMap((period) => period.runs).map((run) => run.id)).not.toContain(
      runId,
    );
  });

  it("a branch that was not evaluated nothing", async () => {
    const runId = await published();
    await fixture.owner.evaluationBranch.deleteMany({ where: { orgId: fixture.orgs.B1 } });
    const secretary = await fixture.as([["branch_secretary", "B1"]]);
    expect(await kindOf(secretary.evaluation.sealedReport({ runId }))).toBe("not_found");
    expect(await secretary.evaluation.periods()).toEqual([]);
  });

  it("nobody who may not: screen, system administrator, anonymous callers; and no branch may publish or retract", async () => {
    const runId = await published();
    for (const role of ["screen", "system_admin"] as const)
      expect(await kindOf((await fixture.as([[role, "K1", "below"]])).evaluation.sealedReport({ runId }))).toBe(
        "forbidden",
      );
    expect(await kindOf(fixture.anonymous().evaluation.sealedReport({ runId }))).toBe("unauthenticated");
    const secretary = await fixture.as([["branch_secretary", "B1"]]);
    expect(
      await Promise.all(
        [
          secretary.evaluation.publish({ runId, note: "" }),
          secretary.evaluation.retract({ runId, reason: "试" }),
          secretary.evaluation.generate(periodId()),
          secretary.evaluation.overview(),
        ].map(kindOf),
      ),
    ).toEqual(Array(4).fill("forbidden"));
    // The right at a branch does not reach the committee's run.
    const local = await fixture.as([["committee_admin", "B1"]]);
    expect(await kindOf(local.evaluation.retract({ runId, reason: "试" }))).toBe("not_found");
    expect(await stateOf(runId)).toBe("sealed");
  });
});

describe("retracting", () => {
  it("takes the report away from everybody at their next request", async () => {
    const runId = await published();
    const secretary = await fixture.as([["branch_secretary", "B1"]]);
    const general = await fixture.as([["general_branch_admin", "G1", "below"]]);
    const member = await fixture.as([["member", "B1"]], { personId: fixture.person("B1").id });
    const seenBy = async (caller: ReturnType<typeof createCaller>) =>
      (await caller.evaluation.periods()).flatMap((period) => period.runs).some((run) => run.id === runId);
    expect(await seenBy(secretary)).toBe(true);
    expect(await member.evaluation.ownReports()).toHaveLength(1);

    await committee.evaluation.retract({ runId, reason: "数据有误" });
    for (const caller of [secretary, general]) {
      expect(await kindOf(caller.evaluation.run({ runId }))).toBe("not_found");
      expect(await kindOf(caller.evaluation.sealedReport({ runId }))).toBe("not_found");
      expect(await kindOf(caller.evaluation.reportHead({ runId }))).toBe("not_found");
      expect(await seenBy(caller)).toBe(false);
    }
    expect(await member.evaluation.ownReports()).toEqual([]);
    expect(await kindOf(committee.evaluation.sealedReport({ runId }))).toBe("not_found");
    // The committee still knows that there was one, and why it went.
    const [period] = (await committee.evaluation.overview()).periods;
    expect(period?.reports).toMatchObject([{ runId, state: "retracted", reason: "数据有误" }]);
  });

  it("needs a reason, happens once, keeps its first reason, and cannot be undone", async () => {
    const runId = await published();
    expect(await kindOf(committee.evaluation.retract({ runId, reason: "  " }))).not.toBe("went through");
    await Promise.all([1, 2].map((no) => kindOf(committee.evaluation.retract({ runId, reason: `原因${no}` }))));
    const first = await fixture.owner.evaluationReport.findUniqueOrThrow({ where: { runId } });
    await committee.evaluation.retract({ runId, reason: "后来的原因" });
    expect(await fixture.owner.evaluationReport.findUniqueOrThrow({ where: { runId } })).toEqual(first);
    expect(await fixture.owner.auditEvent.count({ where: { action: "evaluation.retract" } })).toBe(1);
    expect(await kindOf(insights(readerOf(rows)).evaluation.publish({ runId, note: "" }))).toBe("state");
  });

  it("leaves the next version free to be published", async () => {
    const first = await published();
    await committee.evaluation.retract({ runId: first, reason: "数据有误" });
    const second = await published();
    expect(second).not.toBe(first);
    const [period] = (await committee.evaluation.overview()).periods;
    expect(period?.reports.map((report) => [report.versionNo, report.state])).toEqual([
      [2, "published"],
      [1, "retracted"],
    ]);
  });
});
