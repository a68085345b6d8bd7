import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { useState } from "react";
import { Form, useNavigation } from "react-router";
import type { Run } from "../../server/domain.ts";
import type { Trouble } from "../lib/load.ts";
import { runsWords } from "../messages/runs.ts";
import { CloseButton, Dialog } from "./side-panel.tsx";

type Common = { periodId: string; trouble: Trouble | null; onClose: () => void };

const Hidden = ({ act, periodId, runId }: { act: string; periodId: string; runId: string }) => (
  <>
    <input type="hidden" name="act" value={act} />
    <input type="hidden" name="periodId" value={periodId} />
    <input type="hidden" name="runId" value={runId} />
  </>
);

/** 发布: a table of who sees what; the harmless way out is named after what it leaves undone. */
export function PublishDialog({
  run,
  published,
  changed,
  ...common
}: Common & { run: Run; published: Run | null; changed: number }) {
  const words = useWords(runsWords);
  const busy = useNavigation().state !== "idle";
  const [checked, setChecked] = useState(false);
  return (
    <Dialog className="dialog" label={words.publishTitle(run.versionNo)} onClose={common.onClose}>
      <header>
        <h2>{words.publishTitle(run.versionNo)}</h2>
        <CloseButton onClose={common.onClose} />
      </header>
      <Form method="post">
        <div className="body">
          <Hidden act="publish" periodId={common.periodId} runId={run.id} />
          <Audience />
          <label className="form-row">
            <b>
              {words.noteLabel}
              <i>{words.noteHint}</i>
            </b>
            <textarea className="input" name="note" maxLength={100} rows={2} />
          </label>
          <ul className="facts">
            <li>
              <Icon name="lock" size={14} />
              {words.facts.seal}
            </li>
            {published && (
              <li>
                <Icon name="transfer" size={14} />
                {words.facts.newer(published.versionNo)}
              </li>
            )}
          </ul>
          <label className="check">
            <input
              type="checkbox"
              name="checked"
              checked={checked}
              onChange={(event) => setChecked(event.target.checked)}
            />
            {words.confirm(changed)}
          </label>
          <Said trouble={common.trouble} />
        </div>
        <footer>
          <span className="sp">{words.logged}</span>
          <button type="button" className="btn" onClick={common.onClose}>
            {words.notYet}
          </button>
          <button type="submit" className="btn pri" disabled={!checked || busy}>
            {words.publish(run.versionNo)}
          </button>
        </footer>
      </Form>
    </Dialog>
  );
}

export function Audience() {
  const words = useWords(runsWords);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words.who}</th>
          <th scope="col">{words.sees}</th>
        </tr>
      </thead>
      <tbody>
        {words.audience.map(([who, sees]) => (
          <tr key={who}>
            <td>{who}</td>
            <td>{sees}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** 撤回: says what cannot be called back, and offers the newer version instead. */
export function RetractDialog({ run, ...common }: Common & { run: Run }) {
  const words = useWords(runsWords);
  const busy = useNavigation().state !== "idle";
  const [reason, setReason] = useState("");
  return (
    <Dialog className="dialog" label={words.retractTitle(run.versionNo)} onClose={common.onClose}>
      <header>
        <h2>{words.retractTitle(run.versionNo)}</h2>
        <CloseButton onClose={common.onClose} />
      </header>
      <Form method="post">
        <div className="body">
          <Hidden act="retract" periodId={common.periodId} runId={run.id} />
          <p className="note warn first">
            <Icon name="warning" />
            {words.retractNow}
          </p>
          <label className="form-row" htmlFor="reason">
            <b>
              {words.reason}
              <em>*</em>
            </b>
          </label>
          <div className="chips">
            {words.reasons.map((one) => (
              <button
                key={one}
                type="button"
                className="chip"
                aria-pressed={reason === one}
                onClick={() => setReason(one)}
              >
                {one}
              </button>
            ))}
          </div>
          <textarea
            className="input"
            id="reason"
            name="reason"
            required
            maxLength={200}
            rows={2}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <p className="mut sm">{words.reasonHint}</p>
          <dl className="kv">
            <dt>{words.keeps}</dt>
            <dd>{words.keepsWhat}</dd>
            <dt>{words.cannot}</dt>
            <dd>{words.cannotWhat}</dd>
            <dt>{words.better}</dt>
            <dd>{words.betterWhat}</dd>
          </dl>
          <Said trouble={common.trouble} />
        </div>
        <footer>
          <span className="sp">{words.finalWords}</span>
          <button type="button" className="btn" onClick={common.onClose}>
            {words.notRetract}
          </button>
          <button type="submit" className="btn dan" disabled={reason.trim() === "" || busy}>
            {words.retract(run.versionNo)}
          </button>
        </footer>
      </Form>
    </Dialog>
  );
}

/** What the server refused, beside the button that asked. */
export const Said = ({ trouble }: { trouble: Trouble | null }) =>
  trouble && (
    <p className="note err" role="alert">
      <Icon name="warning" />
      {trouble.message}
    </p>
  );
