import type { DemoBranch } from "./demo-plan.ts";
import type { Ledger } from "./ledger.ts";

/** Half-years from 2024 on, up to and with the one in which `today` lies. */
function halfYears(today: string): { year: number; ordinal: number; startsOn: string; endsOn: string }[] {
  const list = [];
  for (let year = 2024; year <= Number(today.slice(0, 4)); year++) {
    for (const ordinal of [1, 2]) {
      const startsOn = ordinal === 1 ? `${year}-01-01` : `${year}-07-01`;
      if (startsOn <= today)
        list.push({ year, ordinal, startsOn, endsOn: ordinal === 1 ? `${year}-06-30` : `${year}-12-31` });
    }
  }
  return list;
}

/** Two indicators (one derived, one imported), one scheme, a live run for each half-year, imported values with gaps. */
export function writeDemoEvaluation(
  ledger: Ledger,
  branches: DemoBranch[],
  setting: { committee: number; today: string },
): void {
  const { random } = ledger;
  const attendance = random.uuid();
  const learning = random.uuid();
  ledger.add("indicator", { id: attendance, code: "attendance_rate", title: "组织生活", source: "derived" });
  ledger.add("indicator", { id: learning, code: "theory_learning", title: "理论学习", source: "imported" });
  const scheme = random.uuid();
  ledger.add("scheme_version", {
    id: scheme,
    code: "2026.2版",
    top_share_bp: 2000,
    frozen_at: "2024-01-01T00:00:00+08:00",
  });
  ledger.add("scheme_item", { scheme_version_id: scheme, indicator_id: attendance, weight: 6000 });
  ledger.add("scheme_item", { scheme_version_id: scheme, indicator_id: learning, weight: 4000 });
  let previous: string | null = null;
  for (const period of halfYears(setting.today)) {
    const periodId = random.uuid();
    ledger.add("evaluation_period", {
      id: periodId,
      org_id: setting.committee,
      year: period.year,
      ordinal: period.ordinal,
      starts_on: period.startsOn,
      ends_on: period.endsOn,
    });
    for (const branch of branches) {
      if (branch.plan.category === "retired" || branch.openedOn > period.endsOn) continue;
      ledger.add("evaluation_branch", { period_id: periodId, org_id: branch.orgId });
      for (const person of branch.people) {
        if (person.from > period.endsOn || random.chance(0.015)) continue;
        const ability = 62 + person.reliability * 30 + (random.next() - 0.5) * 24;
        const valueBp = Math.round(Math.min(100, Math.max(35, ability)) * 2) * 50;
        ledger.add("evaluation_entry", {
          id: random.uuid(),
          period_id: periodId,
          person_id: person.id,
          indicator_id: learning,
          value_bp: valueBp,
          group_org_id: branch.orgId,
          import_row_id: null,
        });
      }
    }
    const run = random.uuid();
    ledger.add("evaluation_run", {
      id: run,
      org_id: setting.committee,
      period_id: periodId,
      scheme_version_id: scheme,
      as_of_on: period.endsOn,
      previous_run_id: previous,
      state: "live",
      version_no: 0,
    });
    previous = run;
  }
}
