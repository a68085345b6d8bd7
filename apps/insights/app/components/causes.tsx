import { count, fraction, percent } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import type { BranchCauses, RunCauses, Stood } from "../../server/causes.ts";
import { useDates } from "../lib/dates.ts";
import { rankingWords } from "../messages/ranking.ts";
import { runsWords } from "../messages/runs.ts";

/** Two published versions side by side: which branches differ, and what the sealed rows say about why. */
export function Causes({ causes, back }: { causes: RunCauses; back: string }) {
  const words = useWords(runsWords);
  const { now, before, scheme, asOfOn, branches, alike } = causes;
  const { dataDay } = useDates();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{words.compareSealed(now.versionNo, before.versionNo)}</h2>
        <Link className="btn small end" to={back}>
          {words.closeCompare}
        </Link>
      </div>
      <dl className="panel-body kv">
        <div>
          <dt>{words.check.scheme}</dt>
          <dd>{scheme ? words.changedTo(scheme.before, scheme.now) : words.unchangedScheme}</dd>
        </div>
        <div>
          <dt>{words.asOfDay}</dt>
          <dd>
            {asOfOn ? words.changedTo(dataDay(asOfOn.before, null), dataDay(asOfOn.now, null)) : words.unchangedDay}
          </dd>
        </div>
      </dl>
      {branches.length > 0 && (
        <div className="scroll">
          <table className="rank-table compare">
            <thead>
              <tr>
                <th scope="col">{words.head.branch}</th>
                <th scope="col" className="r">
                  {words.head.version(now.versionNo)}
                </th>
                <th scope="col" className="r">
                  {words.head.version(before.versionNo)}
                </th>
                <th scope="col">{words.why}</th>
              </tr>
            </thead>
            <tbody>
              {branches.map((branch) => (
                <tr key={branch.orgId}>
                  <td className="nw name">{branch.name}</td>
                  <td className="r num b nw">
                    <StoodAt stood={branch.now} runId={now.runId} orgId={branch.orgId} />
                  </td>
                  <td className="r num mut nw">
                    <StoodAt stood={branch.before} runId={before.runId} orgId={branch.orgId} />
                  </td>
                  <td>
                    <Reasons branch={branch} everybody={scheme !== null || asOfOn !== null} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="tip">
        <Icon name="lock" size={15} />
        <span>
          {branches.length === 0 ? words.allAlike : words.alike(alike)}
          {words.sealedOnly}
        </span>
      </p>
    </section>
  );
}

/** `第2名　8 / 26　30.8%`; opens the number in the report that it stands in. */
function StoodAt({ stood, runId, orgId }: { stood: Stood | null; runId: string; orgId: number }) {
  const { rankOf } = useWords(rankingWords);
  if (!stood || stood.rank === null) return "—";
  return (
    <Link className="figure" to={`/reports/${runId}?number=rank.${orgId}`}>
      {[
        rankOf(stood.rank),
        `${count(Number(stood.num))} / ${count(Number(stood.den))}`,
        percent(fraction(stood.num, stood.den)),
      ].join("　")}
    </Link>
  );
}

const kinds = ["corrected", "movedIn", "movedOut", "entered", "left"] as const;

function Reasons({ branch, everybody }: { branch: BranchCauses; everybody: boolean }) {
  const { causes, othersMoved, wholeScheme } = useWords(runsWords);
  const own = kinds.filter((kind) => branch[kind] > 0);
  return (
    <span className="reasons">
      {own.map((kind) => (
        <span key={kind} className="tag">
          {causes[kind](branch[kind])}
        </span>
      ))}
      {own.length === 0 && <span className="mut">{everybody ? wholeScheme : othersMoved}</span>}
    </span>
  );
}
