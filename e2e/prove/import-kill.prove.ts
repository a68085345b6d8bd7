import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { pathsIn } from "@xianfeng/stack/state";
import { reconcile } from "@xianfeng/stream";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rankedByHand, shownByCube } from "../oracle/shown.ts";
import { openOwner, streamPlace, untilShown } from "../src/analytics.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";
import { workbook } from "../src/workbook.ts";

/** A platform of its own: all of it is killed, the supervisor and the guard of its processes included. */
const platform = new Platform();
let owner: pg.Client;

beforeAll(async () => {
  await platform.start();
  owner = await openOwner(platform);
  // Halts whoever writes the row with the number in `halt_at`, while we hold the lock. A sequence counts on in transactions that end badly.
  await owner.query(`
    CREATE SEQUENCE public.halt_rows;
    CREATE TABLE public.halt_at (place int);
    INSERT INTO public.halt_at VALUES (0);
    GRANT SELECT ON public.halt_at TO xf_app;
    GRANT USAGE ON SEQUENCE public.halt_rows TO xf_app;
    CREATE FUNCTION public.halt() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF nextval('public.halt_rows') = (SELECT place FROM public.halt_at) THEN PERFORM pg_advisory_xact_lock(27); END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER halt AFTER INSERT OR UPDATE ON evaluation_entry FOR EACH ROW EXECUTE FUNCTION public.halt();
    CREATE TRIGGER halt AFTER INSERT OR UPDATE ON import_row FOR EACH ROW EXECUTE FUNCTION public.halt();`);
});
afterAll(async () => {
  await owner?.end().catch(() => undefined);
  await platform[Symbol.asyncDispose]();
});

/** The numbers of a process and of all that it started, itself first. */
function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const childrenOf = (parent: number): number[] =>
    [...parents].filter(([, of]) => of === parent).flatMap(([child]) => [child, ...childrenOf(child)]);
  return [pid, ...childrenOf(pid)];
}

const isAlive = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

/** Begins a piece of work, kills every process at the moment when it has written so many rows, and starts everything again. */
async function killedAt(place: number, work: (person: Person) => Promise<unknown>): Promise<void> {
  const person = await Person.demo(platform, "cheng");
  await owner.query("UPDATE halt_at SET place = $1", [place]);
  await owner.query("SELECT setval('halt_rows', 1, false)");
  await owner.query("SELECT pg_advisory_lock(27)");
  const cut = work(person).then(
    () => "answered",
    () => "cut off",
  );
  await poll(`row ${place} to be written`, 60_000, async () => {
    const { rows } = await owner.query(
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 27 AND NOT granted",
    );
    return rows.length === 1;
  });
  const { rows } = await owner.query<{ n: string }>("SELECT last_value AS n FROM halt_rows");
  expect(Number(rows[0]?.n)).toBe(place);

  const all = familyOf(platform.status().supervisor.pid);
  expect(all.length).toBeGreaterThan(10);
  for (const pid of all) process.kill(pid, "SIGKILL");
  expect(await cut).toBe("cut off");
  await poll("every process to be gone", 30_000, () => !all.some(isAlive));
  await owner.end().catch(() => undefined);

  // What was written down about the killed platform is no word about the new one.
  rmSync(pathsIn(platform.stateDir).status);
  await platform.start();
  owner = await openOwner(platform);
  await owner.query("UPDATE halt_at SET place = 0");
}

type Summary = { state: string; counts: Record<string, number>; outcome: Record<string, number> };

test("FA27: everything is killed at 30, 60 and 99 % of an import: whole or nothing, it goes on where it was, and both sides end equal", async ({
  task,
}) => {
  const began = performance.now();
  const people = await owner.query<{ period_id: string; indicator_id: string; line: string[] }>(
    `SELECT e.period_id, e.indicator_id, ARRAY[v.student_no, v.name, b.short_name] AS line
     FROM evaluation_entry e JOIN evaluation_period p ON p.id = e.period_id AND p.year = 2026 AND p.ordinal = 1
     JOIN indicator i ON i.id = e.indicator_id AND i.source = 'imported' JOIN person_private v ON v.person_id = e.person_id
     JOIN membership m ON m.person_id = e.person_id AND m.kind = 'direct' AND m.superseded_at IS NULL AND m.valid_to IS NULL
     JOIN party_org b ON b.id = m.org_id
     WHERE e.tenant_id = 1 AND v.student_no IS NOT NULL ORDER BY v.student_no`,
  );
  const size = people.rows.length;
  expect(size).toBeGreaterThan(400);
  const [first] = people.rows;
  const target = { periodId: first?.period_id, indicatorId: first?.indicator_id };
  const pointsOf = (no: number) => (no * 37) % 10_000;
  const file = workbook([
    ["学号", "姓名", "党支部", "得分"],
    ...people.rows.map(({ line }, no) => [...line, pointsOf(no) / 100]),
  ]);
  const batchId = randomUUID();
  const upload = (person: Person) =>
    person.ask<Summary>("evaluation.importCheck", { batchId, ...target, fileName: "评价数据.xlsx", file });
  const apply = (person: Person) => person.ask<Summary>("evaluation.importApply", { batchId });
  const summary = async () =>
    (await Person.demo(platform, "cheng")).ask<Summary>("evaluation.importSummary", { batchId });
  /** All values with their versions: a row that was written and taken back would have another `xmin`. */
  const entries = async () =>
    (
      await owner.query<{ value_bp: number; import_row_id: string | null }>(
        "SELECT person_id, value_bp, group_org_id, import_row_id, updated_at, xmin::text FROM evaluation_entry WHERE period_id = $1 AND indicator_id = $2 ORDER BY person_id",
        [target.periodId, target.indicatorId],
      )
    ).rows;
  const before = await entries();
  const batches = async () =>
    (
      await owner.query(
        "SELECT 1 FROM import_batch WHERE id = $1 UNION ALL SELECT 1 FROM import_row WHERE batch_id = $1",
        [batchId],
      )
    ).rows.length;

  await killedAt(Math.round(size * 0.6), upload);
  expect(await batches()).toBe(0);
  const checked = await upload(await Person.demo(platform, "cheng"));
  expect(checked).toMatchObject({ state: "checked", counts: { ready: size, refused: 0, confirm: 0, applied: 0 } });
  for (const share of [0.3, 0.6, 0.99]) {
    // Every row is written twice: its value, then the mark that it is imported.
    await killedAt(Math.round(size * 2 * share), apply);
    expect(await entries()).toEqual(before);
    expect(await summary()).toEqual(checked);
  }
  const person = await Person.demo(platform, "cheng");
  const done = await apply(person);
  expect(done).toMatchObject({ state: "applied", counts: { ready: 0, applied: size } });
  const outcome = done.outcome;
  expect((outcome.replaced ?? 0) + (outcome.unchanged ?? 0)).toBe(size);
  const after = await entries();
  const written = after.filter(({ import_row_id }) => import_row_id !== null);
  expect(written).toHaveLength(outcome.replaced ?? 0);
  expect(await apply(person)).toEqual(done);
  expect(await entries()).toEqual(after);
  const wrong = await owner.query(
    `SELECT e.person_id FROM import_row r JOIN evaluation_entry e ON e.person_id = r.person_id AND e.period_id = $2 AND e.indicator_id = $3
     WHERE r.batch_id = $1 AND (r.state <> 'applied' OR e.value_bp <> round((r.cells ->> 'value')::numeric * 100))`,
    [batchId, target.periodId, target.indicatorId],
  );
  expect(wrong.rows).toEqual([]);

  await untilShown(platform, owner, 1);
  const compared = await reconcile({ ...streamPlace(platform), waitMs: 120_000 });
  expect(compared.tables.filter((table) => table.differences > 0)).toEqual([]);
  expect(compared.equal).toBe(true);
  const ranked = await rankedByHand(owner, 1);
  expect(Object.keys(ranked).length).toBeGreaterThan(0);
  expect(await shownByCube(platform, owner, 1)).toEqual(ranked);
  Object.assign(task.meta, {
    measured: `${size} rows, 4 times everything killed and started again, ${((performance.now() - began) / 1000).toFixed(0)} s`,
  });
});
