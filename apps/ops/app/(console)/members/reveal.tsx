"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { memberWords, useWords } from "@xianfeng/ui/messages";
import { Button, Form, Input, Modal, Radio } from "antd";
import { useEffect, useState } from "react";
import { useFormErrors } from "@/lib/form-errors.ts";
import type { RouterInputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";

export type RevealField = RouterInputs["member"]["reveal"]["field"];

/** Asks why, then shows one number of one person for sixty seconds. */
export function Reveal({
  id,
  name,
  mask,
  field,
  seenToday,
  onShut,
}: {
  id: string;
  name: string;
  mask: string;
  field: RevealField;
  seenToday?: number;
  onShut: () => void;
}) {
  const words = useWords(memberWords).reveal;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<{ reason: RouterInputs["member"]["reveal"]["reason"]; note?: string }>();
  const reason = Form.useWatch("reason", form);
  const [shown, setShown] = useState<{ value: string; until: number } | null>(null);
  const reveal = useMutation(
    trpc.member.reveal.mutationOptions({
      onSuccess: ({ value, seconds }) => {
        setShown({ value, until: Date.now() + seconds * 1000 });
        queries.invalidateQueries(trpc.member.detail.queryFilter({ id }));
      },
      onError: (error) => sayErrors(error, form),
      gcTime: 0,
    }),
  );
  const title = words.title(words.fields[field] ?? "");
  return (
    <Modal open title={title} onCancel={onShut} footer={null} width={480} destroyOnHidden>
      <dl className="reveal-who">
        <dt>{words.person}</dt>
        <dd>{name}</dd>
        <dt>{words.fields[field]}</dt>
        <dd>{shown ? <Shown {...shown} onOver={onShut} /> : mask}</dd>
      </dl>
      {shown ? (
        <div className="reveal-foot">
          <Button onClick={onShut}>{words.shut}</Button>
        </div>
      ) : (
        <Form
          form={form}
          layout="vertical"
          onFinish={({ reason: why, note }) => reveal.mutate({ id, field, reason: why, note: note ?? "" })}
        >
          <Form.Item name="reason" label={words.why} rules={[{ required: true }]}>
            <Radio.Group
              optionType="button"
              className="reveal-reasons"
              options={Object.entries(words.reasons).map(([value, label]) => ({ value, label }))}
            />
          </Form.Item>
          <Form.Item
            name="note"
            label={words.note}
            extra={words.noteHint}
            rules={[{ required: reason === "other", message: words.noteHint }]}
          >
            <Input maxLength={100} />
          </Form.Item>
          <ul className="reveal-limits">
            {words.limits(name).map((line) => (
              <li key={line}>
                <Icon name="info" size={15} />
                {line}
              </li>
            ))}
          </ul>
          <div className="reveal-foot">
            {seenToday === undefined ? null : <span>{words.today(seenToday)}</span>}
            <Button onClick={onShut}>{words.no}</Button>
            <Button type="primary" htmlType="submit" loading={reveal.isPending}>
              {words.show}
            </Button>
          </div>
        </Form>
      )}
    </Modal>
  );
}

function Shown({ value, until, onOver }: { value: string; until: number; onOver: () => void }) {
  const words = useWords(memberWords).reveal;
  const [left, setLeft] = useState(() => Math.ceil((until - Date.now()) / 1000));
  useEffect(() => {
    const timer = setInterval(() => {
      const now = Math.ceil((until - Date.now()) / 1000);
      setLeft(now);
      if (now <= 0) onOver();
    }, 250);
    return () => clearInterval(timer);
  }, [until, onOver]);
  return (
    <span className="reveal-value">
      <b>{value}</b>
      <small role="timer">{words.left(Math.max(0, left))}</small>
    </span>
  );
}
