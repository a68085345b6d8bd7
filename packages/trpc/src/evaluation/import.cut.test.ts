import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addEvaluation, type Setup } from "../../test/evaluation-setup.ts";
import { createFixture, type Fixture } from "../../test/fixture.ts";
import { header, workbookOf } from "../../test/workbooks.ts";
import type { createCaller } from "../index.ts";

/** Rows of the file, each of somebody else. */
const size = 50;
const places = [0.3, 0.6, 0.99];

let fixture: Fixture;
let setup: Setup;
let committee: ReturnType<typeof createCaller>;
let file: string;

beforeAll(async () => {
  fixture = await createFixture();
  setup = await addEvaluation(fixture);
  committee = await fixture.as([["committee_admin", "K1", "below"]]);
  const people = [];
  for (let no = 0; no < size; no++) people.push(await fixture.addPerson("B1", { name: `导入${no}` }));
  const rows = people.map(({ studentNo, name }, no) => [studentNo, name, "B1组织", 50 + no / 4]);
  file = (await workbookOf([header, ...rows])).toString("base64");
  // Ends the session that writes the row with the number in `cut_at`. A sequence counts on in transactions that are rolled back.
  for (const statement of [
    `CREATE SEQUENCE public.cut_rows`,
    `CREATE TABLE public.cut_at (place int)`,
    `INSERT INTO public.cut_at VALUES (0)`,
    `GRANT SELECT ON public.cut_at TO xf_app`,
    `GRANT USAGE ON SEQUENCE public.cut_rows TO xf_app`,
    `CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF nextval('public.cut_rows') = (SELECT place FROM public.cut_at) THEN
         PERFORM pg_terminate_backend(pg_backend_pid());
         PERFORM pg_sleep(60);
       END IF;
       RETURN NULL;
     END $$`,
    `CREATE TRIGGER cut AFTER INSERT OR UPDATE ON evaluation_entry FOR EACH ROW EXECUTE FUNCTION public.cut()`,
    `CREATE TRIGGER cut AFTER INSERT OR UPDATE ON import_row FOR EACH ROW EXECUTE FUNCTION public.cut()`,
  ])
    await fixture.owner.$executeRawUnsafe(statement);
});
afterAll(() => fixture?.close());

/** Does a piece of work, whose session ends when it has written so many rows, as with a database whose machine goes off. */
async function cutAt(place: number, work: () => Promise<unknown>): Promise<void> {
  const { owner } = fixture;
  await owner.$executeRaw`UPDATE cut_at SET place = ${place}`;
  await owner.$executeRaw`SELECT setval('cut_rows', 1, false)`;
  await expect(work()).rejects.toThrow();
  await owner.$executeRaw`UPDATE cut_at SET place = 0`;
  const [written] = await owner.$queryRaw<{ rows: bigint }[]>`SELECT last_value AS rows FROM cut_rows`;
  expect(Number(written?.rows)).toBe(place);
}

const check = (batchId: string) =>
  committee.evaluation.importCheck({
    batchId,
    periodId: setup.periodId,
    indicatorId: setup.indicatorId,
    fileName: "评价.xlsx",
    file,
  });
const rows = (batchId: string, state: string) => fixture.owner.importRow.count({ where: { batchId, state } });
const entries = () =>
  fixture.owner.evaluationEntry.findMany({ where: { periodId: setup.periodId }, orderBy: { personId: "asc" } });
const events = () => fixture.owner.auditEvent.count({ where: { action: "evaluation.import" } });

it("FA27: an upload that is cut off at 30, 60 and 99 % leaves nothing, and the same upload sent again is whole", async () => {
  const batchId = randomUUID();
  for (const place of places) {
    await cutAt(Math.round(size * place), () => check(batchId));
    expect(await fixture.owner.importBatch.count({ where: { id: batchId } })).toBe(0);
    expect(await fixture.owner.importRow.count({ where: { batchId } })).toBe(0);
  }
  const summary = await check(batchId);
  expect(summary).toMatchObject({ state: "checked", counts: { ready: size, refused: 0, confirm: 0, applied: 0 } });
  expect(await check(batchId)).toEqual(summary);
  expect(await rows(batchId, "ready")).toBe(size);
});

it("FA27: an import that is cut off at 30, 60 and 99 % has imported nothing, goes on where it was, and once more changes nothing", async () => {
  const batchId = randomUUID();
  const waiting = await check(batchId);
  for (const place of places) {
    // Every row is written twice: its value, then the mark that it is imported.
    await cutAt(Math.round(size * 2 * place), () => committee.evaluation.importApply({ batchId }));
    expect(await entries()).toEqual([]);
    expect(await events()).toBe(0);
    expect(await committee.evaluation.importSummary({ batchId })).toEqual(waiting);
    expect(await rows(batchId, "ready")).toBe(size);
  }
  const done = await committee.evaluation.importApply({ batchId });
  expect(done).toMatchObject({ state: "applied", counts: { ready: 0, applied: size }, outcome: { added: size } });
  const imported = await entries();
  expect(imported.map(({ valueBp }) => valueBp).sort((a, b) => a - b)).toEqual(
    Array.from({ length: size }, (_, no) => 5_000 + no * 25),
  );
  expect(await committee.evaluation.importApply({ batchId })).toEqual(done);
  expect(await entries()).toEqual(imported);
  expect(await events()).toBe(1);
});
