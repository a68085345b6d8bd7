import { asOf, count, elapsed, percent } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import type { RunsPage } from "../../server/pages/runs.ts";
import type { Checks } from "../lib/checks.ts";
import type { RankingTable } from "../lib/ranking.ts";
import { runsWords } from "../messages/runs.ts";

/** 数据核对: what is in order, what is to be known, what stands in the way. */
export function ChecksPanel({
  checks,
  table,
  page,
  at,
  late,
  detail,
}: {
  checks: Checks;
  table: RankingTable | null;
  page: RunsPage;
  at: string | null;
  late: number | null;
  detail: NonNullable<RunsPage["detail"]>;
}) {
  const words = useWords(runsWords);
  const weights = detail.items.reduce((sum, item) => sum + item.weight, 0);
  const time = at ? asOf(at, page.today) : "—";
  const scheme = detail.items
    .map((item) => `${item.title} ${percent({ num: BigInt(item.weight), den: BigInt(weights || 1) }, 0)}`)
    .join("、");
  const lines = {
    tree: [
      words.check.tree,
      !table ? "—" : table.rows.length > 0 ? words.check.treeOk(table.rows.length) : words.check.treeNone,
    ],
    people: [words.check.people, table ? words.check.peopleOk(count(table.totals.evaluated)) : "—"],
    complete: [
      words.check.complete,
      table ? (
        <>
          {words.check.completeOk(count(table.totals.ranked))}
          {table.totals.missing > 0 && (
            <>
              ，<b className="warn-text">{words.check.missing(count(table.totals.missing))}</b>
              {words.check.missingHow}
            </>
          )}
        </>
      ) : (
        "—"
      ),
    ],
    scheme: [words.check.scheme, words.check.schemeOk(detail.schemeCode, scheme)],
    stream: [
      words.check.stream,
      !table
        ? words.check.streamAway
        : late !== null
          ? words.check.streamLate(time, elapsed(late / 1000))
          : words.check.streamOk(time),
    ],
  } as const;
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{words.checks}</h2>
        {checks.blocking > 0 ? (
          <span className="mark err">{words.blocking(checks.blocking)}</span>
        ) : (
          <span className="mark ok">{words.none}</span>
        )}
        {checks.attention > 0 && <span className="mark warn warn-text">{words.attention(checks.attention)}</span>}
      </div>
      <table className="checks">
        <tbody>
          {checks.list.map((check) => (
            <tr key={check.key}>
              <td>
                <span className={`mark ${check.mark}`}>{lines[check.key][0]}</span>
              </td>
              <td>{lines[check.key][1]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
