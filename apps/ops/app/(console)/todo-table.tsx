"use client";

import { daysBetween, domainWords, shortDay, useWords, workbenchWords } from "@xianfeng/ui/messages";
import { LinkButton } from "@/components/link-button.tsx";
import { Empty } from "@/components/states.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";

type Item = RouterOutputs["workbench"]["get"]["todos"][number];
type Shown = { kind: string; title: string; detail: string; href: string; verb: string };

/** To-dos in three groups; one verb for each, and only the first overdue one in colour. */
export function TodoTable({ items, today }: { items: Item[]; today: string }) {
  const words = useWords(workbenchWords);
  const shown = useShown();
  if (items.length === 0) return <Empty title={words.nothing} how={words.nothingHow} />;
  return (
    <table className="todo-table">
      {(["overdue", "week", "later"] as const).map((group) => {
        const rows = items.filter((item) => item.group === group);
        if (rows.length === 0) return null;
        return (
          <tbody key={group}>
            <tr className="todo-group">
              <th colSpan={5} scope="rowgroup" className={group === "overdue" ? "todo-late" : undefined}>
                {words.groups[group]}
                <i>{rows.length}</i>
              </th>
            </tr>
            {rows.map((item, at) => {
              const { kind, title, detail, href, verb } = shown(item);
              return (
                <tr key={item.key}>
                  <td className="todo-kind">{kind}</td>
                  <td className="todo-what">
                    <b>{title}</b>
                    <small>{detail}</small>
                  </td>
                  <td className="todo-day">{item.dueOn ? shortDay(item.dueOn) : ""}</td>
                  <td className={group === "overdue" ? "todo-left todo-late" : "todo-left"}>
                    {leftOf(item, today, words)}
                  </td>
                  <td className="todo-verb">
                    <LinkButton href={href} size="small" type={group === "overdue" && at === 0 ? "primary" : "default"}>
                      {verb}
                    </LinkButton>
                  </td>
                </tr>
              );
            })}
          </tbody>
        );
      })}
    </table>
  );
}

function leftOf(item: Item, today: string, words: (typeof workbenchWords)["zh-CN"]): string {
  if (item.dueOn === null) return "";
  const days = daysBetween(today, item.dueOn);
  if (days < 0) return words.late(-days);
  return days <= 7 ? words.left(days) : "";
}

function useShown(): (item: Item) => Shown {
  const words = useWords(workbenchWords);
  const domain = useWords(domainWords);
  return (item) => {
    const due = item.dueOn ? shortDay(item.dueOn) : "";
    if (item.source === "todo")
      return {
        kind: words.kinds[item.kind] ?? words.otherKind,
        title: item.title,
        detail: item.detail,
        href: item.href,
        verb: words.handle,
      };
    if (item.source === "duty")
      return {
        kind: words.kinds.duty ?? "",
        title: words.hold(domain.meetingKind[item.dutyKey] ?? item.dutyKey, words.period(item.periodKey)),
        detail: item.group === "overdue" ? words.makeUpHow(due) : words.holdHow(due),
        href: `/meetings/new?kind=${item.dutyKey}`,
        verb: words.newMeeting,
      };
    return {
      kind: words.kinds.branch ?? "",
      title: words.behind(item.orgName),
      detail: words.behindHow(item.missed),
      href: `/orgs?id=${item.orgId}`,
      verb: words.look,
    };
  };
}
