import { randomUUID } from "node:crypto";
import { Prisma } from "@xianfeng/db";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addEvaluation, kindOf, releasedTogether, type Setup } from "../../test/evaluation-setup.ts";
import { createFixture, type Fixture } from "../../test/fixture.ts";
import { header, rawWorkbook, rowXml, sheetXml, workbookOf } from "../../test/workbooks.ts";
import { createCaller } from "../index.ts";
import type { ImportCells } from "./evaluation.schema.ts";

let fixture: Fixture;
let setup: Setup;
let foreign: Setup;
type Caller = ReturnType<typeof createCaller>;
let committee: Caller;
const missing = "01999999-9999-7999-8999-999999999999";

beforeAll(async () => {
  fixture = await createFixture();
  setup = await addEvaluation(fixture);
  foreign = await addEvaluation(fixture, "two");
  committee = await fixture.as([["committee_admin", "K1", "below"]]);
});
afterAll(() => fixture.close());

type Line = [studentNo: string, name: string, branch: string, value: string | number];
const lineOf = (org: "B1" | "B2" | "B3" | "B4" | "X1", no: number, value: string | number): Line => {
  const { studentNo, name } = fixture.person(org, no);
  return [studentNo, name, `${org}组织`, value];
};
const sheetOf = (...lines: readonly (readonly (string | number)[])[]) => workbookOf([header, ...lines]);

function check(file: Buffer, options: { caller?: Caller; batchId?: string; setup?: Setup } = {}) {
  const { periodId, indicatorId } = options.setup ?? setup;
  return (options.caller ?? committee).evaluation.importCheck({
    batchId: options.batchId ?? randomUUID(),
    periodId,
    indicatorId,
    fileName: "评价.xlsx",
    file: file.toString("base64"),
  });
}
const rowsOf = async (batchId: string, caller = committee) =>
  (await caller.evaluation.importRows({ batchId, size: 100 })).rows;
/** The one row of a workbook with only this line. */
async function judged(...lines: readonly (readonly (string | number)[])[]) {
  const { batchId } = await check(await sheetOf(...lines));
  const rows = await rowsOf(batchId);
  return { batchId, rows, last: rows.at(-1) };
}
const entries = () =>
  fixture.owner.evaluationEntry.findMany({ where: { periodId: setup.periodId }, orderBy: { personId: "asc" } });
const entryOf = async (personId: string) => (await entries()).find((entry) => entry.personId === personId);
const cellsOf = ([studentNo, name, branch, value]: Line): ImportCells => ({
  studentNo,
  name,
  branch,
  value: String(value),
});

describe("the header", () => {
  it.each([
    ["names what is missing", [["学号", "姓名", "支部", "得分"]], "第1行缺少表头“党支部”"],
    ["names all that is missing", [["a", "b"]], "“学号”、“姓名”、“党支部”、“得分”"],
    ["names what is doubled", [[...header, "姓名"]], "表头“姓名”出现了两次"],
    ["says when there is no data", [header], "没有数据行"],
    ["says when there is nothing at all", [[]], "第1行缺少表头"],
  ])("%s", async (_, rows, words) => {
    await expect(check(await workbookOf(rows))).rejects.toThrow(words);
  });

  it("may stand in any order, further down, with invisible characters around it and columns beside it", async () => {
    const { studentNo, name } = fixture.person("B1");
    const { batchId, counts } = await check(
      await workbookOf([
        [],
        ["序号", "得分", "\u200B姓名", " 党支部\u00A0", "学号"],
        [1, 80, name, "B1组织", studentNo],
      ]),
    );
    expect(counts).toEqual({ ready: 1, refused: 0, confirm: 0, applied: 0 });
    expect((await rowsOf(batchId))[0]).toMatchObject({ no: 3, cells: { studentNo, name, value: "80" } });
  });
});

describe("a row is refused, with its column, when", () => {
  const p = () => lineOf("B1", 0, 80);
  const with_ = (at: number, text: string | number) => p().map((cell, index) => (index === at ? text : cell));

  it.each([
    ["the student number is nobody's", () => with_(0, "S999999"), "studentNo", "unknown"],
    ["the name is not the number's", () => with_(1, "标记B1乙"), "name", "mismatch"],
    ["the branch is not the person's", () => with_(2, "B2组织"), "branch", "mismatch"],
    ["the number is of another tenant", () => lineOf("X1", 0, 80), "studentNo", "unknown"],
    ["there is no name", () => with_(1, ""), "name", "empty"],
    ["there is no branch", () => with_(2, ""), "branch", "empty"],
    ["there is no value", () => with_(3, ""), "value", "empty"],
    ["the value is no percentage", () => with_(3, "100.01"), "value", "percent"],
    ["the value is negative", () => with_(3, -1), "value", "percent"],
    ["the number was stored as a number", () => with_(0, 990_000_199_503_070_000), "studentNo", "number"],
    ["the name is too long", () => with_(1, "长".repeat(61)), "name", "long"],
    ["nobody of that name is in the branch", () => ["", "查无此人", "B1组织", 80], "name", "unknown"],
  ])("%s", async (_, line, column, code) => {
    const { last } = await judged(line());
    expect(last).toMatchObject({
      state: "refused",
      problems: expect.arrayContaining([expect.objectContaining({ column, code })]),
    });
  });

  it("a cell is a formula, even one that shows the right name", async () => {
    const { studentNo, name } = fixture.person("B1");
    const file = await workbookOf([header, [studentNo, { formula: "1+1", result: name }, "B1组织", 80]]);
    const [row] = await rowsOf((await check(file)).batchId);
    expect(row).toMatchObject({ state: "refused", cells: { name: "" } });
    expect(row?.problems[0]).toMatchObject({ column: "name", code: "formula" });
    expect(row?.problems[0]?.message).toContain("B2");
  });

  it("a cell holds what the database cannot keep: half a character, NUL", async () => {
    const { studentNo, name } = fixture.person("B1");
    const strings = [...header, studentNo, `${name}_xD83D_`, "B1_x0000_组织", "80"];
    const cells = (no: number, from: number) =>
      `<row r="${no}">${[0, 1, 2, 3].map((at) => `<c r="${"ABCD"[at]}${no}" t="s"><v>${from + at}</v></c>`).join("")}</row>`;
    const file = rawWorkbook(sheetXml(cells(1, 0) + cells(2, 4)), {
      strings: strings.map((text) => `<si><t>${text}</t></si>`).join(""),
    });
    const [row] = await rowsOf((await check(file)).batchId);
    expect(row?.problems.map(({ column, code }) => [column, code])).toEqual([
      ["name", "characters"],
      ["branch", "characters"],
    ]);
    expect(row?.cells.name).toBe(`${name}\uFFFD`);
  });

  it("the person stands in an earlier row, which is named", async () => {
    const { rows } = await judged(lineOf("B1", 0, 80), lineOf("B1", 0, 81));
    expect(rows.map((row) => row.state)).toEqual(["ready", "refused"]);
    expect(rows[1]?.problems[0]?.message).toBe("与第2行是同一位党员，只能导入一行");
  });
});

describe("who a row means", () => {
  it("takes full-width numbers, full branch names and every dot", async () => {
    const person = await fixture.addPerson("B3", { name: "阿卜·买买提" });
    const wide = person.studentNo.replace(/\d/g, (digit) => "０１２３４５６７８９"[Number(digit)] ?? "");
    const { last } = await judged([wide, "阿卜•买买提", "中共试验学院B3组织", "８６．５％"]);
    expect(last).toMatchObject({ state: "ready" });
    const unnumbered = await judged(["", "阿卜・买买提", "B3组织", 80]);
    expect(unnumbered.last?.candidates).toMatchObject([{ personId: person.id }]);
  });

  it("suggests the person's branch when another is written", async () => {
    const { last } = await judged(lineOf("B1", 0, 80).with(2, "软工一支部"));
    expect(last?.problems).toEqual([
      { column: "branch", code: "mismatch", message: "这位党员现在属于B1组织，请核对党支部", suggestion: "B1组织" },
    ]);
  });

  it("asks even when the name without a number is alone in its branch, and imports only what was confirmed", async () => {
    const { name, id } = fixture.person("B2", 2);
    const { batchId, last } = await judged(["", name, "B2组织", 70]);
    expect(last).toMatchObject({ state: "confirm", candidates: [{ personId: id }] });
    await committee.evaluation.importApply({ batchId });
    expect(await entryOf(id)).toBeUndefined();
    await committee.evaluation.importConfirm({ rowId: last?.id ?? "", personId: id });
    const { counts } = await committee.evaluation.importApply({ batchId });
    expect(counts).toEqual({ ready: 0, refused: 0, confirm: 0, applied: 1 });
    expect(await entryOf(id)).toMatchObject({ valueBp: 7_000, groupOrgId: fixture.orgs.B2 });
  });

  it("asks which of two people of one name is meant, and never takes somebody who was not offered", async () => {
    const first = await fixture.addPerson("B2", { name: "王同名" });
    const second = await fixture.addPerson("B2", { name: "王同名" });
    const elsewhere = await fixture.addPerson("B3", { name: "王同名" });
    const { batchId, last } = await judged(["", "王同名", "B2组织", 66.6]);
    expect(last?.candidates.map((one) => one.studentNo).sort()).toEqual([first.studentNo, second.studentNo].sort());
    const rowId = last?.id ?? "";
    expect(await kindOf(committee.evaluation.importConfirm({ rowId, personId: elsewhere.id }))).toBe("not_found");
    expect(await kindOf(committee.evaluation.importConfirm({ rowId, personId: missing }))).toBe("not_found");
    await committee.evaluation.importConfirm({ rowId, personId: second.id });
    await committee.evaluation.importApply({ batchId });
    expect(await entryOf(first.id)).toBeUndefined();
    expect(await entryOf(second.id)).toMatchObject({ valueBp: 6_660 });
  });

  it("does not let two rows end up as one person by correcting or confirming", async () => {
    const { name, id } = fixture.person("B4", 0);
    const { rows } = await judged(lineOf("B4", 0, 80), ["S404", name, "B4组织", 81], ["", name, "B4组织", 82]);
    const fixed = await committee.evaluation.importFix({
      rowId: rows[1]?.id ?? "",
      cells: cellsOf(lineOf("B4", 0, 81)),
    });
    expect(fixed).toMatchObject({ state: "refused", problems: [{ code: "repeated" }] });
    await expect(committee.evaluation.importConfirm({ rowId: rows[2]?.id ?? "", personId: id })).rejects.toThrow(
      "第2行",
    );
  });
});

describe("importing", () => {
  it("takes the rows without a fault, keeps the others, and mended ones follow", async () => {
    const [a, b] = [fixture.person("B1", 0), fixture.person("B1", 1)];
    const { batchId, rows } = await judged(lineOf("B1", 0, 88.25), ["S404", b.name, "B1组织", 77]);
    const first = await committee.evaluation.importApply({ batchId });
    expect(first).toMatchObject({
      state: "applied",
      counts: { ready: 0, refused: 1, confirm: 0, applied: 1 },
      outcome: { added: 1, replaced: 0, unchanged: 0 },
    });
    expect(await entryOf(a.id)).toMatchObject({
      valueBp: 8_825,
      groupOrgId: fixture.orgs.B1,
      importRowId: rows[0]?.id,
    });
    expect(await entryOf(b.id)).toBeUndefined();

    await committee.evaluation.importFix({ rowId: rows[1]?.id ?? "", cells: cellsOf(lineOf("B1", 1, 77)) });
    expect(await committee.evaluation.importApply({ batchId })).toMatchObject({ outcome: { added: 2 } });
    expect(await entryOf(b.id)).toMatchObject({ valueBp: 7_700 });
    expect(
      await kindOf(committee.evaluation.importFix({ rowId: rows[0]?.id ?? "", cells: cellsOf(lineOf("B1", 0, 1)) })),
    ).toBe("state");
  });

  it("changes nothing the second time: same batch, same file, twice at once", async () => {
    const file = await sheetOf(lineOf("B2", 0, 61), lineOf("B2", 1, 62));
    const { batchId } = await check(file);
    const events = () => fixture.owner.auditEvent.count({ where: { action: "evaluation.import" } });
    const heard = (await events()) + 1;
    const answers = await releasedTogether(
      fixture.owner,
      Prisma.sql`SELECT 1 FROM import_batch WHERE id = ${batchId}::uuid FOR UPDATE`,
      [1, 2].map(() => () => committee.evaluation.importApply({ batchId })),
    );
    expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await events()).toBe(heard);
    const before = await entries();
    await committee.evaluation.importApply({ batchId });
    expect(await entries()).toEqual(before);
    expect(await events()).toBe(heard);

    const again = await check(file);
    expect(again).toMatchObject({ known: 2, sameFile: { sameTarget: true } });
    expect(await committee.evaluation.importApply({ batchId: again.batchId })).toMatchObject({
      outcome: { added: 0, replaced: 0, unchanged: 2 },
    });
    expect(await entries()).toEqual(before);
  });

  it("replaces a value that differs and says so", async () => {
    const { id } = fixture.person("B3", 0);
    for (const [value, outcome] of [
      [50, { added: 1, replaced: 0, unchanged: 0 }],
      [51, { added: 0, replaced: 1, unchanged: 0 }],
    ] as const) {
      const { batchId } = await check(await sheetOf(lineOf("B3", 0, value)));
      expect(await committee.evaluation.importApply({ batchId })).toMatchObject({ outcome });
      expect(await entryOf(id)).toMatchObject({ valueBp: value * 100 });
    }
  });

  it("sends the same upload twice at once as one batch", async () => {
    const batchId = randomUUID();
    const file = await sheetOf(lineOf("B3", 1, 61));
    const answers = await Promise.all([check(file, { batchId }), check(file, { batchId })]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await rowsOf(batchId)).toHaveLength(1);
  });

  it("judges again: somebody who left the branch after the check is refused, not imported", async () => {
    const leaver = await fixture.addPerson("B3", { name: "将离开" });
    const { batchId } = await check(await sheetOf([leaver.studentNo, leaver.name, "B3组织", 90], lineOf("B3", 2, 91)));
    await fixture.owner.membership.updateMany({
      where: { personId: leaver.id },
      data: { validTo: new Date("2026-11-01T00:00:00Z") },
    });
    expect(await committee.evaluation.importApply({ batchId })).toMatchObject({
      counts: { refused: 1, applied: 1, ready: 0, confirm: 0 },
    });
    expect(await entryOf(leaver.id)).toBeUndefined();
  });

  it("gives a batch up: its rows are deleted, and the batch is gone", async () => {
    const { batchId } = await judged(lineOf("B1", 2, 80));
    await committee.evaluation.importDiscard({ batchId });
    expect(await fixture.owner.importRow.count({ where: { batchId } })).toBe(0);
    expect(await kindOf(committee.evaluation.importSummary({ batchId }))).toBe("not_found");
    expect(await kindOf(committee.evaluation.importApply({ batchId }))).toBe("not_found");
  });

  it("forgets a batch when its time is over", async () => {
    const context = await fixture.contextOf([["committee_admin", "K1", "below"]]);
    const { batchId } = await check(await sheetOf(lineOf("B1", 2, 80)), { caller: createCaller(context) });
    const later = createCaller({
      ...context,
      now: new Date(context.now.getTime() + 31 * 86_400_000),
    });
    expect(await kindOf(later.evaluation.importSummary({ batchId }))).toBe("not_found");
    await later.evaluation.importCheck({
      batchId: randomUUID(),
      ...{ periodId: setup.periodId, indicatorId: setup.indicatorId },
      fileName: "评价.xlsx",
      file: (await sheetOf(lineOf("B1", 2, 80))).toString("base64"),
    });
    expect(await fixture.owner.importRow.count({ where: { batchId } })).toBe(0);
  });

  it("takes five thousand rows in seconds", async () => {
    const rows = [rowXml(1, header)];
    for (let no = 2; no <= 5_001; no++) rows.push(rowXml(no, [`N${no}`, "查无此人", "B1组织", "80"]));
    const began = performance.now();
    expect(await check(rawWorkbook(sheetXml(rows.join(""))))).toMatchObject({ counts: { refused: 5_000 } });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe("rows to correct", () => {
  it("come as CSV in which nothing is a formula", async () => {
    const { batchId } = await judged(
      lineOf("B1", 0, 80),
      ["=1+1", "+甲", "@乙", "-1"],
      ["S404", "＝HYPERLINK()", 'B1"组织', "1,5"],
    );
    const { fileName, text } = await committee.evaluation.importFaulty({ batchId });
    expect(fileName).toBe("2026年下半年需修正的行.csv");
    const lines = text.split("\r\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^3,"'=1\+1","'\+甲","'@乙","'-1",/);
    expect(lines[2]).toMatch(/^4,S404,"'＝HYPERLINK\(\)","B1""组织","1,5",/);
    expect(text).not.toContain("标记B1甲");
  });
});

describe("who may", () => {
  it("answers foreign batches, rows, periods and indicators like missing ones", async () => {
    const file = await sheetOf(lineOf("B1", 0, 80));
    const { batchId, rows } = await judged(lineOf("B1", 0, 80));
    const rowId = rows[0]?.id ?? "";
    const cells = cellsOf(lineOf("B1", 0, 80));
    const colleague = await fixture.as([["committee_admin", "K1", "below"]]);
    const elsewhere = await fixture.as([["committee_admin", "K2", "below"]]);
    const refusals = await Promise.all(
      [colleague, elsewhere, committee].flatMap((caller) => {
        const own = caller === committee;
        const batch = { batchId: own ? missing : batchId };
        const row = { rowId: own ? missing : rowId };
        return [
          caller.evaluation.importSummary(batch),
          caller.evaluation.importRows(batch),
          caller.evaluation.importFaulty(batch),
          caller.evaluation.importApply(batch),
          caller.evaluation.importDiscard(batch),
          caller.evaluation.importFix({ ...row, cells }),
          caller.evaluation.importConfirm({ ...row, personId: fixture.person("B1").id }),
        ].map((work) => work.then(String, (error) => `${error.code} ${error.message}`));
      }),
    );
    expect(new Set(refusals)).toEqual(new Set(["NOT_FOUND 没有找到，可能已被删除或不在你的管理范围内"]));

    expect(await kindOf(check(file, { caller: elsewhere }))).toBe("not_found");
    expect(await kindOf(check(file, { setup: { ...setup, periodId: foreign.periodId } }))).toBe("not_found");
    expect(await kindOf(check(file, { setup: { ...setup, indicatorId: foreign.indicatorId } }))).toBe("not_found");
    expect(await kindOf(check(file, { setup: { ...setup, periodId: missing } }))).toBe("not_found");
    expect(await kindOf(check(file, { batchId, caller: colleague }))).toBe("not_found");
    expect(await kindOf(check(file, { batchId, caller: elsewhere, setup: foreign }))).toBe("not_found");
    expect(await rowsOf(batchId)).toHaveLength(1);
  });

  it("does not import a derived indicator", async () => {
    const file = await sheetOf(lineOf("B1", 0, 80));
    await expect(check(file, { setup: { ...setup, indicatorId: setup.derivedId } })).rejects.toThrow("自动计算");
  });

  it("is closed to branches, general branches, members, the system administrator and anonymous callers", async () => {
    const file = await sheetOf(lineOf("B1", 0, 80));
    for (const [role, org] of [
      ["branch_secretary", "B1"],
      ["general_branch_admin", "G1"],
      ["member", "B1"],
      ["system_admin", "K1"],
    ] as const)
      expect(await kindOf(check(file, { caller: await fixture.as([[role, org, "below"]]) }))).toBe("forbidden");
    expect(await kindOf(fixture.anonymous().evaluation.importTemplate())).toBe("unauthenticated");
  });

  it("keeps a committee without the tree below to its own people and values", async () => {
    const narrow = await fixture.as([["committee_admin", "K1"]]);
    const { batchId } = await check(await sheetOf(lineOf("B1", 0, 80)), { caller: narrow });
    expect((await rowsOf(batchId, narrow))[0]).toMatchObject({ state: "refused", problems: [{ code: "unknown" }] });
    const list = { periodId: setup.periodId, indicatorId: setup.indicatorId };
    expect((await narrow.evaluation.entries(list)).rows).toEqual([]);
    expect((await committee.evaluation.entries(list)).rows.length).toBeGreaterThan(0);
  });

  it("finds values by name or number, and only those of the period asked for", async () => {
    const { batchId } = await check(await sheetOf(lineOf("B1", 0, 80)));
    await committee.evaluation.importApply({ batchId });
    const list = { periodId: setup.periodId, indicatorId: setup.indicatorId };
    const { name, studentNo, id } = fixture.person("B1", 0);
    for (const q of [name, studentNo])
      expect((await committee.evaluation.entries({ ...list, q })).rows).toMatchObject([
        { personId: id, name, studentNo, branch: "B1组织", valueBp: 8_000 },
      ]);
    expect((await committee.evaluation.entries({ ...list, q: "%" })).rows).toEqual([]);
    expect(await kindOf(committee.evaluation.entries({ ...list, periodId: foreign.periodId }))).toBe("not_found");
  });
});

it("offers a template that can be filled in and read back", async () => {
  const { file } = await committee.evaluation.importTemplate();
  await expect(check(Buffer.from(file, "base64"))).rejects.toThrow("没有数据行");
});
