"use client";

import { useQueries } from "@tanstack/react-query";
import { domainWords, memberWords, useWords } from "@xianfeng/ui/messages";
import { Empty } from "@/components/states.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Filter } from "./filters.ts";

type Way = { name: string; filter: Filter; q: string };

/** Too narrow: says for each condition how many there would be without it, so that nobody has to guess. */
export function NothingFound({
  filter,
  q,
  onShow,
  onTyped,
}: {
  filter: Filter;
  q: string;
  onShow: (filter: Filter) => void;
  onTyped: (text: string) => void;
}) {
  const words = useWords(memberWords);
  const domain = useWords(domainWords);
  const trpc = useTRPC();
  const { orgId, sex, category, ...rest } = filter;
  const with_ = (part: Partial<Filter>): Filter => ({
    ...rest,
    ...(orgId ? { orgId } : {}),
    ...(sex ? { sex } : {}),
    ...(category ? { category } : {}),
    page: 1,
    ...part,
  });
  const ways: Way[] = [];
  if (q) ways.push({ name: `“${q}”`, filter: with_({}), q: "" });
  if (orgId) ways.push({ name: words.branchFilter, filter: { ...with_({}), orgId: undefined }, q });
  if (category)
    ways.push({ name: domain.category[category] ?? category, filter: { ...with_({}), category: undefined }, q });
  if (sex) ways.push({ name: domain.sex[sex] ?? sex, filter: { ...with_({}), sex: undefined }, q });
  const conditions = ways.length;
  if (conditions > 1) ways.push({ name: words.dropAll, filter: { identity: filter.identity, page: 1 }, q: "" });
  const results = useQueries({
    queries: ways.map((way) =>
      trpc.member.list.queryOptions({ ...way.filter, ...(way.q ? { q: way.q } : {}), size: 1 }),
    ),
  });
  if (conditions === 0) return <Empty title={words.emptyTitle} how={words.emptyHow} />;
  return (
    <div className="nothing-found">
      <h3>{words.noneTitle(conditions)}</h3>
      <ul>
        {ways.map((way, at) => (
          <li key={way.name}>
            {way.name === words.dropAll ? way.name : words.drop(way.name)}
            <span>{results[at]?.data ? words.has(results[at].data.total) : ""}</span>
            <button
              type="button"
              className="link-button"
              onClick={() => {
                onTyped(way.q);
                onShow(way.filter);
              }}
            >
              {words.doDrop}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
