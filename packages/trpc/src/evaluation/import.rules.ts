import type { Cell, CellProblem, SheetRow } from "../intake/workbook.ts";
import { invalid } from "../kernel/index.ts";
import { percentToBp } from "./evaluation.rules.ts";
import {
  type ImportCells,
  type ImportColumn,
  type ImportProblem,
  importColumnKeys,
  importColumns,
  importLengths,
} from "./evaluation.schema.ts";

/** Where each column stands in the sheet. @throws INVALID naming what is missing or doubled */
export function readHeader(row: SheetRow | undefined): Record<ImportColumn, number> {
  const titles = row?.cells.map((cell) => cell.text) ?? [];
  const missing = importColumnKeys.filter((key) => !titles.includes(importColumns[key]));
  if (missing.length > 0) {
    const names = missing.map((key) => `“${importColumns[key]}”`).join("、");
    throw invalid(
      `第${row?.no ?? 1}行缺少表头${names}。请用模板，或把表头改成：${Object.values(importColumns).join("、")}`,
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

/** What the cell itself forbids, in words; null when its text can be taken. Numbers are what the last column wants (IA29, IA34–IA36). */
const cellMessages: Record<CellProblem, (address: string, column: ImportColumn) => string | null> = {
  formula: (address) => `${address}是公式，不能导入。请复制后选择性粘贴为数值`,
  error: (address) => `${address}是错误值，请重新填写`,
  merged: (address) => `${address}与别的单元格合并了，请取消合并后逐行填写`,
  date: (address) => `${address}是日期格式，请把这一列设为文本后重新填写`,
  number: (address, column) =>
    column === "value"
      ? null
      : `${address}是数字格式，开头的0和第15位以后的数字可能已经丢失。请把这一列设为文本后重新填写`,
};

/** The texts of a row, cut to what can be kept, and what the cells themselves forbid. */
export function readCells(
  row: SheetRow,
  at: Record<ImportColumn, number>,
): { cells: ImportCells; problems: ImportProblem[] } {
  const problems: ImportProblem[] = [];
  const take = (column: ImportColumn): string => {
    const cell: Cell | undefined = row.cells[at[column]];
    if (!cell) return "";
    const add = (code: string, message: string) => problems.push({ column, code, message });
    const message = cell.problem && cellMessages[cell.problem](cell.address, column);
    if (cell.problem && message) add(cell.problem, message);
    const storable = cell.text.toWellFormed().replaceAll("\0", "\uFFFD");
    if (storable !== cell.text && !message) add("characters", `${cell.address}里有不能保存的字符，请重新输入`);
    const points = [...storable];
    const most = importLengths[column];
    if (points.length <= most) return storable;
    if (!message) add("long", `${cell.address}有${points.length}个字，${importColumns[column]}不能超过${most}个字`);
    return points.slice(0, most).join("");
  };
  const cells = { studentNo: take("studentNo"), name: take("name"), branch: take("branch"), value: take("value") };
  return { cells, problems };
}

/** A person as far as a row has to know. */
export type Candidate = {
  personId: string;
  name: string;
  studentNo: string | null;
  orgId: number;
  /** Short and full name of the branch; both may stand in a cell. */
  branch: string;
  branchInFull: string;
};

export type Judgement = {
  state: "ready" | "refused" | "confirm";
  personId: string | null;
  orgId: number | null;
  valueBp: number | null;
  problems: ImportProblem[];
  candidates: Candidate[];
};

const dots = ["·", "•", "・", "‧", "."];
const oneDot = (name: string) => name.replace(/[·•・‧.]/g, "·");
/** Dots inside names of some peoples are written in many ways (IA21). */
const sameName = (a: string, b: string) => oneDot(a) === oneDot(b);
/** All ways to write a name, to look it up by. */
export const spellings = (name: string): string[] =>
  oneDot(name) === name && !name.includes("·") ? [name] : dots.map((dot) => oneDot(name).replaceAll("·", dot));

/** A student number as it is stored: half-width, without spaces (IA22). */
export const plainNumber = (typed: string): string => typed.normalize("NFKC").replace(/\s/g, "");

const isBranch = (person: Candidate, typed: string) => person.branch === typed || person.branchInFull === typed;

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
  const refuse = (column: ImportColumn, code: string, message: string, suggestion?: string) => {
    if (!problems.some((problem) => problem.column === column))
      problems.push({ column, code, message, ...(suggestion ? { suggestion } : {}) });
  };
  const valueBp = percentToBp(cells.value);
  if (cells.value === "") refuse("value", "empty", "没有填写得分");
  else if (valueBp === null) refuse("value", "percent", "得分应是0到100的数，最多两位小数");
  if (cells.name === "") refuse("name", "empty", "没有填写姓名");
  if (cells.branch === "") refuse("branch", "empty", "没有填写党支部");
  const number = plainNumber(cells.studentNo);
  if (number !== "") {
    const person = people.find((one) => one.studentNo === number);
    if (!person) refuse("studentNo", "unknown", "没有这个学号的党员，请核对");
    else if (cells.name !== "" && !sameName(person.name, cells.name))
      refuse("name", "mismatch", "学号和姓名不是同一个人，请核对");
    else if (cells.branch !== "" && !isBranch(person, cells.branch))
      refuse("branch", "mismatch", `这位党员现在属于${person.branch}，请核对党支部`, person.branch);
    return {
      state: problems.length > 0 ? "refused" : "ready",
      personId: person?.personId ?? null,
      orgId: person?.orgId ?? null,
      valueBp,
      problems,
      candidates: [],
    };
  }
  const sameNamed = people.filter((one) => sameName(one.name, cells.name) && isBranch(one, cells.branch));
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

/** A person may stand in a file once: what is said of a later row, naming the earlier one (IA39). */
export const repeated = (earlierNo: number): ImportProblem => ({
  column: "studentNo",
  code: "repeated",
  message: `与第${earlierNo}行是同一位党员，只能导入一行`,
});

/** Refuses every row whose person stands in an earlier one that will be imported. */
export function markRepeats(judged: readonly { no: number; judgement: Judgement }[]): void {
  const firstOf = new Map<string, number>();
  for (const { no, judgement } of judged) {
    if (!judgement.personId || judgement.state !== "ready") continue;
    const earlier = firstOf.get(judgement.personId);
    if (earlier === undefined) firstOf.set(judgement.personId, no);
    else {
      judgement.state = "refused";
      judgement.problems.push(repeated(earlier));
    }
  }
}
