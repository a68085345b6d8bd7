import { percent } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import type { RunsPage } from "../../server/pages/runs.ts";
import type { Sums } from "../explain/report.tsx";
import type { Checks } from "../lib/checks.ts";
import { useDates } from "../lib/dates.ts";
import { runsWords } from "../messages/runs.ts";
import { Told } from "./figure.tsx";

/** 数据核对: what is in order, what is to be known, what stands in the way. */
export function ChecksPanel({
  checks,
  sums,
  page,
  at,
  late,
  detail,
}: {
  checks: Checks;
  /** null while the analytics side is away. */
  sums: Sums | null;
  page: RunsPage;
  at: string | null;
  late: number | null;
  detail: NonNullable<RunsPage["detail"]>;
}) {
  const words = useWords(runsWords);
  const { asOf, elapsed } = useDates();
  const weights = detail.items.reduce((sum, item) => sum + item.weight, 0);
  const time = at ? asOf(at, page.today) : "—";
  const scheme = detail.items
    .map((item) => `${item.title} ${percent({ num: BigInt(item.weight), den: BigInt(weights || 1) }, 0)}`)
    .join(words.listed);
  const lines = {
    tree: [
      words.check.tree,
      !sums ? (
        "—"
      ) : sums.branches.value !== "0" ? (
        <Told number={sums.branches}>{words.check.treeOk(sums.branches.value)}</Told>
      ) : (
        words.check.treeNone
      ),
    ],
    people: [
      words.check.people,
      sums ? <Told number={sums.evaluated}>{words.check.peopleOk(sums.evaluated.value)}</Told> : "—",
    ],
    complete: [
      words.check.complete,
      sums ? (
        <>
          <Told number={sums.ranked}>{words.check.completeOk(sums.ranked.value)}</Told>
          {sums.missing.value !== "0" && (
            <>
              {words.comma}
              <b className="warn-text">
                <Told number={sums.missing}>{words.check.missing(sums.missing.value)}</Told>
              </b>
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
      !sums
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
