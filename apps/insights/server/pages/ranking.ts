import type { RunDetail } from "../domain.ts";
import type { RankingQuery } from "../query/index.ts";
import { type Choice, choose } from "./choice.ts";
import { definePage, type First, first } from "./define.ts";

export type RankingPage = Choice & {
  today: string;
  detail: RunDetail | null;
  /** null when there is nothing to rank yet, or the report was retracted. */
  ranking: First<RankingQuery> | null;
};

export const ranking = definePage<RankingPage>({
  permission: "ranking.read",
  async load({ call, domain, search, today }) {
    const choice = choose(await domain.periods(), search);
    const { run } = choice;
    // Only who may retract gets to see that there was a report; what it said is gone for everybody.
    if (!run || run.report?.state === "retracted") return { ...choice, today, detail: null, ranking: null };
    const detail = await domain.run(run.id);
    const query = run.state === "preview" ? "preview-ranking" : "branch-ranking";
    return { ...choice, today, detail, ranking: await first<RankingQuery>(call, query, { run: run.id }) };
  },
});
