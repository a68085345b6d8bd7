"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { erasureReasons } from "@xianfeng/trpc/erasure/rules";
import { Icon } from "@xianfeng/ui/icon";
import { instantText, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Button, Form, Input, Modal, Radio } from "antd";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Panel } from "@/components/panel.tsx";
import { Query } from "@/components/states.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useToday } from "@/lib/identity.tsx";
import type { RouterInputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { erasureWords } from "./words.ts";
import "./erasures.css";

type Member = { id: string; name: string };
type Reason = RouterInputs["erasure"]["request"]["reason"];

/** On the page of a member: the request to erase him, if there is one, and what the reader may do about it. */
export function ErasureCard({ member }: { member: Member }) {
  const words = useWords(erasureWords);
  const today = useToday();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [open, setOpen] = useState<"ask" | "carry" | null>(null);
  const about = useQuery(trpc.erasure.about.queryOptions({ id: member.id }));
  const ended = (said: string) => ({
    onSuccess: async () => {
      await queries.invalidateQueries(trpc.erasure.pathFilter());
      message.success(said);
    },
    onError: (error: unknown) => sayErrors(error),
  });
  const withdraw = useMutation(trpc.erasure.withdraw.mutationOptions(ended(words.card.withdrawn)));
  const refuse = useMutation(trpc.erasure.refuse.mutationOptions(ended(words.card.refused)));
  return (
    <Panel title={words.card.title} hint={words.card.hint}>
      <Query of={about} what={words.card.title} rows={2}>
        {({ request, may, problem }) => (
          <div className="er-card">
            <p>
              {request
                ? `${words.card.open(request.by ?? "—", instantText(request.at, today))}：${words.reasons[request.reason]}`
                : words.card.none}
            </p>
            {request && problem ? <p>{problem}</p> : null}
            <div className="er-actions">
              {may.request ? <Button onClick={() => setOpen("ask")}>{words.card.request}</Button> : null}
              {may.withdraw ? (
                <Button loading={withdraw.isPending} onClick={() => withdraw.mutate({ id: member.id })}>
                  {words.card.withdraw}
                </Button>
              ) : null}
              {may.decide ? (
                <>
                  <Button loading={refuse.isPending} onClick={() => refuse.mutate({ id: member.id })}>
                    {words.card.refuse}
                  </Button>
                  <Button danger onClick={() => setOpen("carry")}>
                    {words.card.decide}
                  </Button>
                </>
              ) : null}
            </div>
          </div>
        )}
      </Query>
      {open === "ask" ? <Ask member={member} onShut={() => setOpen(null)} /> : null}
      {open === "carry" ? <CarryOut member={member} onShut={() => setOpen(null)} /> : null}
    </Panel>
  );
}

function Ask({ member, onShut }: { member: Member; onShut: () => void }) {
  const words = useWords(erasureWords);
  const shell = useWords(shellWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<{ reason: Reason }>();
  const ask = useMutation(
    trpc.erasure.request.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.erasure.pathFilter());
        message.success(words.ask.done);
        onShut();
      },
      onError: (error) => sayErrors(error, form),
    }),
  );
  return (
    <Modal
      open
      title={words.ask.title(member.name)}
      okText={words.ask.submit}
      cancelText={shell.cancel}
      confirmLoading={ask.isPending}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={560}
    >
      <Form form={form} layout="vertical" onFinish={({ reason }) => ask.mutate({ id: member.id, reason })}>
        <p className="form-note">{words.ask.what}</p>
        <Form.Item name="reason" label={words.ask.reason} rules={[{ required: true }]}>
          <Radio.Group vertical options={erasureReasons.map((value) => ({ value, label: words.reasons[value] }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** Says what goes, what stays and what is still there, and asks for the name. */
function CarryOut({ member, onShut }: { member: Member; onShut: () => void }) {
  const words = useWords(erasureWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<{ name: string }>();
  const carryOut = useMutation(
    trpc.erasure.carryOut.mutationOptions({
      onSuccess: () => {
        message.success(words.carry.done);
        // What the browser still holds of him goes, too.
        queries.clear();
        router.replace("/erasures");
      },
      onError: (error) => sayErrors(error, form),
    }),
  );
  return (
    <Modal
      open
      title={words.carry.title(member.name)}
      okText={words.carry.submit}
      okButtonProps={{ danger: true }}
      cancelText={words.carry.cancel}
      confirmLoading={carryOut.isPending}
      mask={{ closable: false }}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={600}
    >
      <p className="er-warning">
        <Icon name="warning" />
        <span>{words.carry.warning}</span>
      </p>
      <dl className="er-facts">
        <dt>{words.carry.goes}</dt>
        <dd>{words.carry.goesWhat}</dd>
        <dt>{words.carry.stays}</dt>
        <dd>{words.carry.staysWhat}</dd>
        <dt>{words.carry.later}</dt>
        <dd>{words.carry.laterWhat}</dd>
      </dl>
      <Form form={form} layout="vertical" onFinish={({ name }) => carryOut.mutate({ id: member.id, name })}>
        <Form.Item name="name" label={words.carry.name} rules={[{ required: true }]}>
          <Input autoComplete="off" maxLength={60} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
