"use client";

import { domainWords, instantText, longDay, orgWords, useWords, workbenchWords } from "@xianfeng/ui/messages";
import { Button } from "antd";
import { useState } from "react";
import { DutyPanel } from "@/components/duty-panel.tsx";
import { LinkButton } from "@/components/link-button.tsx";
import { Label } from "@/components/panel.tsx";
import { useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { CreateOrg } from "./create-org.tsx";
import { MoveOrg } from "./move-org.tsx";
import { RenameOrg } from "./rename-org.tsx";

export type Org = RouterOutputs["org"]["detail"];

/** One organisation: head with actions, figures, facts, people in office, history, duties. */
export function OrgDetail({ org, on, onShow }: { org: Org; on?: string; onShow: (id: number) => void }) {
  const words = useWords(orgWords);
  const domain = useWords(domainWords);
  const { gridTitle } = useWords(workbenchWords);
  const [open, setOpen] = useState<"create" | "rename" | "move" | null>(null);
  const shut = () => setOpen(null);
  const mayAct = on === undefined;
  return (
    <>
      <div className="org-head">
        <div>
          {org.above.length > 0 ? (
            <p className="org-above">
              {org.above.map((above) => (
                <button key={above.id} type="button" className="link-button" onClick={() => onShow(above.id)}>
                  {above.shortName}
                </button>
              ))}
            </p>
          ) : null}
          <h1>{org.shortName}</h1>
          <p className="org-line">
            <Label>{domain.orgKind[org.kind]}</Label>
            <span>
              {words.code} {org.code}
            </span>
            <span>{words.opened(longDay(org.openedOn))}</span>
            {on !== undefined && on < org.openedOn ? <Label tone="warn">{words.notYet}</Label> : null}
            {org.dissolvedOn ? <Label tone="warn">{words.dissolved(longDay(org.dissolvedOn))}</Label> : null}
          </p>
        </div>
        <div className="page-actions">
          {mayAct && org.may.members ? (
            <LinkButton href={`/members?org=${org.id}`}>{words.viewMembers}</LinkButton>
          ) : null}
          {mayAct && org.may.edit ? <Button onClick={() => setOpen("rename")}>{words.rename}</Button> : null}
          {mayAct && org.may.edit && org.parentId !== null ? (
            <Button onClick={() => setOpen("move")}>{words.move}</Button>
          ) : null}
          {mayAct && org.may.create.length > 0 ? (
            <Button type="primary" onClick={() => setOpen("create")}>
              {words.create}
            </Button>
          ) : null}
        </div>
      </div>
      <Figures identities={org.identities} />
      <div className="org-two">
        <div>
          <h2>{words.basics}</h2>
          <dl className="org-facts">
            <dt>{words.fullName}</dt>
            <dd>{org.fullName}</dd>
            <dt>{words.superior}</dt>
            <dd>{org.above.at(-1)?.shortName ?? "—"}</dd>
            <dt>{words.category}</dt>
            <dd>{domain.category[org.category]}</dd>
          </dl>
        </div>
        <div>
          <h2>{on ? words.leadersOn(on) : words.leaders}</h2>
          {org.posts.length === 0 ? (
            <p className="org-quiet">{words.noLeaders}</p>
          ) : (
            <ul className="org-posts">
              {org.posts.map((post) => (
                <li key={post.id}>
                  <span>{domain.post[post.kind] ?? post.kind}</span>
                  <b>{post.name}</b>
                  <time>{words.since(longDay(post.from))}</time>
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
      <Lineage org={org} />
      {mayAct && !org.dissolvedOn ? (
        <div className="org-part">
          <h2>{gridTitle}</h2>
          <DutyPanel orgId={org.id} plain />
        </div>
      ) : null}
      {open === "create" ? <CreateOrg org={org} onShut={shut} onDone={onShow} /> : null}
      {open === "rename" ? <RenameOrg org={org} onShut={shut} /> : null}
      {open === "move" ? <MoveOrg org={org} onShut={shut} onDone={onShow} /> : null}
    </>
  );
}

function Figures({ identities }: { identities: Record<string, number> }) {
  const words = useWords(workbenchWords);
  const domain = useWords(domainWords);
  const of = (identity: string) => identities[identity] ?? 0;
  const full = of("full_member");
  const probationary = of("probationary_member");
  return (
    <ul className="org-figures">
      <li>
        <span>{words.overviewOf.member}</span>
        <b>{(full + probationary).toLocaleString("en-US")}</b>
        <small>{words.membersOf(full, probationary).split(/[，:]/)[1]}</small>
      </li>
      {["development_target", "activist", "applicant"].map((identity) => (
        <li key={identity}>
          <span>{domain.identity[identity]}</span>
          <b>{of(identity)}</b>
          <small>{words.people}</small>
        </li>
      ))}
    </ul>
  );
}

function Lineage({ org }: { org: Org }) {
  const words = useWords(orgWords);
  const today = useToday();
  return (
    <div className="org-part">
      <h2>{words.lineage}</h2>
      <ul className="org-lineage">
        {org.lineage.map((event) => (
          <li key={`${event.on}-${event.kind}-${event.what}`}>
            <time>{longDay(event.on)}</time>
            <b>{words.events[event.kind]}</b>
            <span>{words.eventText[event.kind]?.(event.what)}</span>
            <small>{event.recordedAt ? words.recorded(instantText(event.recordedAt, today)) : ""}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}
