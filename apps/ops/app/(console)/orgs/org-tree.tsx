"use client";

import { Icon } from "@xianfeng/ui/icon";
import { domainWords, orgWords, useWords } from "@xianfeng/ui/messages";
import { Button, Input } from "antd";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { DayField } from "@/components/day-field.tsx";
import { Empty } from "@/components/states.tsx";
import { useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { childrenOf, matching, type TreeNode, visibleRows } from "./tree.ts";

type Tree = RouterOutputs["org"]["tree"];

/** The tree with search, day and marks. Arrow keys walk it, left and right fold it, Enter opens. */
export function OrgTree({
  tree,
  selected,
  onSelect,
  onDay,
}: {
  tree: Tree;
  selected: number;
  onSelect: (id: number) => void;
  onDay: (day: string | undefined) => void;
}) {
  const words = useWords(orgWords);
  const today = useToday();
  const [query, setQuery] = useState("");
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  const below = useMemo(() => childrenOf(tree.nodes), [tree.nodes]);
  const found = useMemo(() => matching(tree.nodes, query), [tree.nodes, query]);
  const rows = visibleRows(below, found, query ? new Set() : folded);

  const fold = (id: number, shut: boolean) =>
    setFolded((before) => {
      const next = new Set(before);
      if (shut) next.add(id);
      else next.delete(id);
      return next;
    });

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[role=treeitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const row = rows[at];
    const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (step !== undefined) items[step]?.focus();
    else if (event.key === "ArrowLeft" && row) fold(row.node.id, true);
    else if (event.key === "ArrowRight" && row) fold(row.node.id, false);
    else if ((event.key === "Enter" || event.key === " ") && row) onSelect(row.node.id);
    else return;
    event.preventDefault();
  }

  const count = (kinds: string[]) => tree.nodes.filter((node) => kinds.includes(node.kind)).length;
  const reachable = rows.some((row) => row.node.id === selected) ? selected : rows[0]?.node.id;
  return (
    <>
      <div className="tree-tools">
        <Input
          allowClear
          prefix={<Icon name="search" size={15} />}
          placeholder={words.search}
          aria-label={words.search}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <div className="tree-day">
          <span>{words.asOf}</span>
          <DayField
            value={tree.on}
            max={today}
            size="small"
            label={words.asOf}
            onChange={(day) => onDay(day && day !== today ? day : undefined)}
          />
        </div>
        {tree.changedOn.length > 1 ? (
          <div className="tree-ticks">
            <span>{words.changed}</span>
            {tree.changedOn.slice(0, 3).map((day) => (
              <Button key={day} size="small" type="text" onClick={() => onDay(day === today ? undefined : day)}>
                {day}
              </Button>
            ))}
          </div>
        ) : null}
      </div>
      {rows.length === 0 ? (
        <Empty title={words.noMatch} how={words.noMatchHow} />
      ) : (
        <div role="tree" aria-label={words.title} className="tree" ref={list} onKeyDown={onKeyDown}>
          {rows.map(({ node, level, parent }) => (
            <Row
              key={node.id}
              node={node}
              level={level}
              parent={parent}
              shut={!query && folded.has(node.id)}
              selected={node.id === selected}
              focusable={node.id === reachable}
              onSelect={onSelect}
              onFold={fold}
            />
          ))}
        </div>
      )}
      <footer>
        {words.total(
          tree.nodes.length,
          count(["committee"]),
          count(["general_branch"]),
          tree.nodes.length - count(["committee", "general_branch"]),
        )}
      </footer>
    </>
  );
}

function Row({
  node,
  level,
  parent,
  shut,
  selected,
  focusable,
  onSelect,
  onFold,
}: {
  node: TreeNode;
  level: number;
  parent: boolean;
  shut: boolean;
  selected: boolean;
  focusable: boolean;
  onSelect: (id: number) => void;
  onFold: (id: number, shut: boolean) => void;
}) {
  const words = useWords(orgWords);
  const domain = useWords(domainWords);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it handles the keys for the focused row
    <div
      role="treeitem"
      aria-level={level}
      aria-selected={selected}
      {...(parent ? { "aria-expanded": !shut } : {})}
      tabIndex={focusable ? 0 : -1}
      className="tree-row"
      style={{ paddingLeft: 8 + (level - 1) * 14 }}
      onClick={() => onSelect(node.id)}
    >
      {parent ? (
        // biome-ignore lint/a11y/useKeyWithClickEvents: left and right arrow do the same
        // biome-ignore lint/a11y/noStaticElementInteractions: the row is the control, this is its handle for the mouse
        <span
          className="tree-fold"
          onClick={(event) => {
            event.stopPropagation();
            onFold(node.id, !shut);
          }}
        >
          <Icon name={shut ? "right" : "down"} size={14} />
        </span>
      ) : (
        <span className="tree-fold" />
      )}
      <i
        className={`tree-kind tree-kind-${node.kind === "committee" ? "c" : node.kind === "general_branch" ? "g" : "b"}`}
      >
        {domain.orgMark[node.kind] ?? "支"}
      </i>
      <span className="tree-name" title={node.fullName}>
        {node.name}
      </span>
      {node.overdue > 0 ? (
        <em
          className="tree-err"
          title={words.overdue(node.overdue)}
          role="img"
          aria-label={words.overdue(node.overdue)}
        />
      ) : null}
      {node.large ? (
        <em className="tree-warn" title={words.large(node.own)} role="img" aria-label={words.large(node.own)} />
      ) : null}
      <b>{node.members.toLocaleString("en-US")}</b>
    </div>
  );
}
