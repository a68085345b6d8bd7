"use client";

import { useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { daysBetween, domainWords, longDay, memberWords, useWords } from "@xianfeng/ui/messages";
import { Button } from "antd";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { Label, Panel } from "@/components/panel.tsx";
import { Query } from "@/components/states.tsx";
import { useMay, useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { ErasureCard } from "../../erasures/erasure-card.tsx";
import { Reveal, type RevealField } from "../reveal.tsx";
import { CorrectStatus } from "./correct-status.tsx";
import { Course } from "./course.tsx";
import { EditMember } from "./edit-member.tsx";
import { History } from "./history.tsx";
import { TransferMember } from "./transfer-member.tsx";
import "../members.css";
import "./member.css";

export type MemberData = RouterOutputs["member"]["detail"];
export type Status = MemberData["facts"][number];

/** One person: head, facts with their sources, the course of branch and identity, the record's history. */
export function Member({ id }: { id: string }) {
  const words = useWords(memberWords);
  const detail = useQuery(useTRPC().member.detail.queryOptions({ id }));
  return (
    <Query of={detail} what={words.title} rows={12}>
      {(member) => <Whole member={member} />}
    </Query>
  );
}

type Open = "edit" | "transfer" | { correct: Status } | { reveal: RevealField } | null;

function Whole({ member }: { member: MemberData }) {
  const words = useWords(memberWords);
  const [open, setOpen] = useState<Open>(null);
  const shut = () => setOpen(null);
  const mayAsk = useMay("erasure.request");
  return (
    <>
      <p className="crumb">
        <Link href="/members">{words.title}</Link> / {member.name}
      </p>
      <Head member={member} onOpen={setOpen} />
      <div className="member-lay">
        <div className="member-left">
          <PartyFacts member={member} onOpen={setOpen} />
          <PersonalFacts member={member} onOpen={setOpen} />
          <Panel title={words.detail.course} hint={words.detail.courseHint}>
            <Course facts={member.facts} />
          </Panel>
          {mayAsk ? <ErasureCard member={member} /> : null}
        </div>
        <History facts={member.facts} trail={member.trail} />
      </div>
      {open === "edit" ? <EditMember member={member} onShut={shut} /> : null}
      {open === "transfer" ? <TransferMember member={member} onShut={shut} /> : null}
      {typeof open === "object" && open && "correct" in open ? (
        <CorrectStatus member={member} status={open.correct} onShut={shut} />
      ) : null}
      {typeof open === "object" && open && "reveal" in open ? (
        <Reveal
          id={member.id}
          name={member.name}
          field={open.reveal}
          mask={maskOf(member, open.reveal) ?? ""}
          seenToday={member.revealsToday}
          onShut={shut}
        />
      ) : null}
    </>
  );
}

function Head({ member, onOpen }: { member: MemberData; onOpen: (open: Open) => void }) {
  const words = useWords(memberWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const left = member.probationEndsOn ? daysBetween(today, member.probationEndsOn) : null;
  return (
    <section className="panel member-head">
      <div>
        <h1>
          {member.name}
          {member.identity ? <Label tone="act">{domain.identity[member.identity]}</Label> : null}
          {left !== null && left <= 60 ? <Label tone="warn">{words.detail.daysLeft(left)}</Label> : null}
        </h1>
        <p className="member-line">
          <span>
            <b>{words.detail.branch}</b>
            {[member.branch?.shortName, member.group].filter(Boolean).join("，") || "—"}
          </span>
          <span>
            <b>{words.detail.idNumber}</b>
            <Masked member={member} field="id_number" onOpen={onOpen} />
          </span>
          <span>
            <b>{words.detail.phone}</b>
            <Masked member={member} field="phone" onOpen={onOpen} />
          </span>
          <span>
            <b>{words.detail.studentNo}</b>
            {member.studentNo ?? "—"}
          </span>
        </p>
      </div>
      {member.may.edit ? (
        <div className="page-actions">
          {member.may.transfer ? <Button onClick={() => onOpen("transfer")}>{words.detail.transfer}</Button> : null}
          <Button type="primary" onClick={() => onOpen("edit")}>
            {words.detail.edit}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

const maskOf = (member: MemberData, field: RevealField): string | null =>
  ({ id_number: member.idNumberMask, phone: member.phoneMask, mail: member.mailMask })[field];

function Masked({ member, field, onOpen }: { member: MemberData; field: RevealField; onOpen: (open: Open) => void }) {
  const words = useWords(memberWords);
  const mask = maskOf(member, field);
  if (!mask) return "—";
  const title = words.reveal.fields[field] ?? "";
  return (
    <span className="list-mask">
      {mask}
      {member.may.reveal ? (
        <button
          type="button"
          className="eye"
          aria-label={words.reveal.eye(title, member.name)}
          onClick={() => onOpen({ reveal: field })}
        >
          <Icon name="eye" size={15} />
        </button>
      ) : null}
    </span>
  );
}

type FactProps = { title: string; source: ReactNode; children: ReactNode };
const Fact = ({ title, source, children }: FactProps) => (
  <div>
    <dt>{title}</dt>
    <dd>{children}</dd>
    <dd className="member-source">{source}</dd>
  </div>
);

function PartyFacts({ member, onOpen }: { member: MemberData; onOpen: (open: Open) => void }) {
  const words = useWords(memberWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const day = (value: string | null) => (value ? longDay(value) : "—");
  const { from } = words.detail;
  const current = member.facts.find(
    (fact) =>
      fact.kind === "status" &&
      !fact.supersededAt &&
      fact.validFrom <= today &&
      (!fact.validTo || fact.validTo > today),
  );
  return (
    <Panel title={words.detail.party} hint={words.detail.partyHint}>
      <dl className="member-facts">
        <Fact
          title={words.detail.identity}
          source={
            member.may.edit && current ? (
              <button type="button" className="link-button" onClick={() => onOpen({ correct: current })}>
                {words.detail.correct}
              </button>
            ) : (
              from.record
            )
          }
        >
          {member.identity ? domain.identity[member.identity] : "—"}
        </Fact>
        <Fact title={words.detail.identityFrom} source={from.record}>
          {day(member.identityFrom)}
        </Fact>
        <Fact title={words.detail.joinedOn} source={from.record}>
          {day(member.joinedOn)}
        </Fact>
        <Fact title={words.detail.convertedOn} source={from.record}>
          {day(member.convertedOn && member.convertedOn <= today ? member.convertedOn : null)}
        </Fact>
        {member.probationEndsOn ? (
          <Fact title={words.detail.probationEnds} source={from.computed}>
            {day(member.probationEndsOn)}
          </Fact>
        ) : null}
        <Fact title={words.detail.joinedBranch} source={from.membership}>
          {day(member.branch?.from ?? null)}
        </Fact>
        <Fact title={words.detail.post} source={from.record}>
          {member.posts.map((post) => domain.post[post.kind] ?? post.kind).join("、") || "—"}
        </Fact>
      </dl>
    </Panel>
  );
}

function PersonalFacts({ member, onOpen }: { member: MemberData; onOpen: (open: Open) => void }) {
  const words = useWords(memberWords);
  const domain = useWords(domainWords);
  const { from } = words.detail;
  return (
    <Panel title={words.detail.personal}>
      <dl className="member-facts">
        <Fact title={words.detail.sex} source={from.certificate}>
          {member.sex ? domain.sex[member.sex] : "—"}
        </Fact>
        <Fact title={words.detail.birthYear} source={from.certificate}>
          {member.birthYear ? words.detail.year(member.birthYear) : "—"}
        </Fact>
        <Fact title={words.detail.ethnicity} source={from.entered}>
          {member.ethnicity ?? "—"}
        </Fact>
        <Fact title={words.detail.education} source={from.entered}>
          {member.education ?? "—"}
        </Fact>
        <Fact title={words.detail.idNumber} source={from.certificate}>
          <Masked member={member} field="id_number" onOpen={onOpen} />
        </Fact>
        <Fact title={words.detail.phone} source={from.entered}>
          <Masked member={member} field="phone" onOpen={onOpen} />
        </Fact>
        <Fact title={words.detail.mail} source={from.entered}>
          <Masked member={member} field="mail" onOpen={onOpen} />
        </Fact>
      </dl>
    </Panel>
  );
}
