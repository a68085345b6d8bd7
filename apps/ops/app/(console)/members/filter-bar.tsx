"use client";

import { useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, memberWords, useWords } from "@xianfeng/ui/messages";
import { Input, Select } from "antd";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Filter } from "./filters.ts";

const optionsOf = (names: Record<string, string>) => Object.entries(names).map(([value, label]) => ({ value, label }));

/** Text, organisation, category, sex. A change goes back to the first page. */
export function FilterBar({
  filter,
  typed,
  onTyped,
  onShow,
}: {
  filter: Filter;
  typed: string;
  onTyped: (text: string) => void;
  onShow: (filter: Filter) => void;
}) {
  const words = useWords(memberWords);
  const domain = useWords(domainWords);
  const tree = useQuery(useTRPC().org.tree.queryOptions({}));
  const change = (part: Partial<Filter>) => onShow({ ...filter, ...part, page: 1 });
  const orgs = tree.data?.nodes ?? [];
  return (
    <search className="list-filter">
      <Input
        allowClear
        prefix={<Icon name="search" size={15} />}
        placeholder={words.search}
        aria-label={words.search}
        maxLength={40}
        value={typed}
        onChange={(event) => {
          onTyped(event.target.value);
          if ((filter.page ?? 1) > 1) change({});
        }}
      />
      {orgs.length > 1 ? (
        <Select
          allowClear
          className="list-filter-org"
          aria-label={words.branchFilter}
          placeholder={words.allBranches}
          showSearch={{
            filterOption: (text, option) =>
              !!option?.label.includes(text) || !!option?.initials.includes(text.toLowerCase()),
          }}
          value={filter.orgId ?? null}
          options={orgs.map((org) => ({ value: org.id, label: org.name, initials: org.initials }))}
          onChange={(orgId) => change({ orgId: orgId ?? undefined })}
        />
      ) : null}
      {orgs.length > 1 ? (
        <Select
          allowClear
          aria-label={words.categoryFilter}
          placeholder={words.allCategories}
          value={filter.category ?? null}
          options={optionsOf(domain.category)}
          onChange={(category) => change({ category: (category ?? undefined) as Filter["category"] })}
        />
      ) : null}
      <Select
        allowClear
        aria-label={words.sexFilter}
        placeholder={words.allSexes}
        value={filter.sex ?? null}
        options={optionsOf(domain.sex)}
        onChange={(sex) => change({ sex: (sex ?? undefined) as Filter["sex"] })}
      />
    </search>
  );
}
