import type { Cell, SheetRow } from "../intake/workbook.ts";
import { invalid } from "../kernel/index.ts";
import { percentToBp } from "./evaluation.rules.ts";
import {
  type ImportCells,
  type ImportColumn,
  type ImportProblem,
  importColumnKeys,
  importColumns,
} from "./evaluation.schema.ts";

/** Where each column stands in the sheet. @throws INVALID naming what is missing or doubled */
export function readHeader(row: SheetRow | undefined): Record<ImportColumn, number> {
  const titles = row?.cells.map((cell) => cell.text) ?? [];
  const missing = importColumnKeys.filter((key) => !titles.includes(importColumns[key]));
  if (missing.length > 0) {
    const names = missing.map((key) => `“${importColumns[key]}”`).join("、");
    throw invalid(
      `第1行缺少表头${names}。请用模板，或把表头改成：${Object.values(importColumns).join("、")}`,
      `Missing header: ${missing.join(", ")}`,
    );
  }
  const doubled = importColumnKeys.find((key) => titles.filter((title) => title === importColumns[key]).length > 1);
  if (doubled) throw invalid(`表头“${importColumns[doubled]}”出现了两次，请删去一列`, `Doubled header: ${doubled}`);
  return Object.fromEntries(importColumnKeys.map((key) => [key, titles.indexOf(importColumns[key])])) as Record<
    ImportColumn,
    number
  >;
}

/** The texts of a row and what the cells themselves forbid: formulas, a number where digits must be kept. */
export function readCells(
  row: SheetRow,
  at: Record<ImportColumn, number>,
): { cells: ImportCells; problems: ImportProblem[] } {
  const problems: ImportProblem[] = [];
  const take = (column: ImportColumn): string => {
    const cell: Cell | undefined = row.cells[at[column]];
    if (cell?.problem === "formula") {
      problems.push({ column, code: "formula", message: `${cell.address}是公式，不能导入。请复制后选择性粘贴为数值` });
      return "";
    }
    if (cell?.problem === "number_for_text" && column !== "value") {
      problems.push({
        column,
        code: "number",
        message: `${cell.address}是数字格式，开头的0和第15位以后的数字可能已经丢失。请把这一列设为文本后重新填写`,
      });
    }
    return cell?.text ?? "";
  };
  const cells = { studentNo: take("studentNo"), name: take("name"), branch: take("branch"), value: take("value") };
  return { cells, problems };
}

/** A person as far as a row has to know. */
export type Candidate = { personId: string; name: string; studentNo: string | null; branch: string; orgId: number };

export type Judgement = {
  state: "ready" | "refused" | "confirm";
  personId: string | null;
  orgId: number | null;
  valueBp: number | null;
  problems: ImportProblem[];
  candidates: Candidate[];
};

/** Dots inside names of some peoples are written in many ways (IA21). */
const sameName = (a: string, b: string) => a.replace(/[·•・‧.]/g, "·") === b.replace(/[·•・‧.]/g, "·");

/**
 * Whose value a row is. The student number decides; without one, a name that is alone in its branch is offered for confirmation and never taken by itself (EVAL-02, IA26).
 * @param people those of the importer's reach that have the row's number or name
 */
export function judge(
  cells: ImportCells,
  cellProblems: readonly ImportProblem[],
  people: readonly Candidate[],
): Judgement {
  const problems = [...cellProblems];
  const refuse = (column: ImportColumn, code: string, message: string) => {
    if (!problems.some((problem) => problem.column === column)) problems.push({ column, code, message });
  };
  const valueBp = percentToBp(cells.value);
  if (cells.value === "") refuse("value", "empty", "没有填写得分");
  else if (valueBp === null) refuse("value", "percent", "得分应是0到100的数，最多两位小数");
  if (cells.name === "") refuse("name", "empty", "没有填写姓名");
  if (cells.branch === "") refuse("branch", "empty", "没有填写党支部");
  if (cells.studentNo !== "") {
    const person = people.find((one) => one.studentNo === cells.studentNo);
    if (!person) refuse("studentNo", "unknown", "没有这个学号的党员，请核对");
    else if (cells.name !== "" && !sameName(person.name, cells.name))
      refuse("name", "mismatch", "学号和姓名不是同一个人，请核对");
    else if (cells.branch !== "" && person.branch !== cells.branch)
      refuse("branch", "mismatch", `这位党员现在${person.branch}，请核对党支部`);
    return {
      state: problems.length > 0 ? "refused" : "ready",
      personId: person?.personId ?? null,
      orgId: person?.orgId ?? null,
      valueBp,
      problems,
      candidates: [],
    };
  }
  const sameNamed = people.filter((one) => sameName(one.name, cells.name) && one.branch === cells.branch);
  if (sameNamed.length === 0) refuse("name", "unknown", "这个支部没有这位党员，请核对姓名和党支部，或填写学号");
  else if (problems.length === 0) {
    problems.push({
      column: "studentNo",
      code: "choose",
      message:
        sameNamed.length > 1
          ? `这个支部有${sameNamed.length}名同名党员，请选一位或填写学号`
          : "没有填写学号，请确认是不是这位党员",
    });
    return { state: "confirm", personId: null, orgId: null, valueBp, problems, candidates: sameNamed };
  }
  return { state: "refused", personId: null, orgId: null, valueBp, problems, candidates: [] };
}
