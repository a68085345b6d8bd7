"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { domainWords, longDay, memberWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Form, Input, Modal, Select } from "antd";
import { DayField } from "@/components/day-field.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useToday } from "@/lib/identity.tsx";
import type { RouterInputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import type { MemberData, Status } from "./member.tsx";

type Values = Pick<RouterInputs["member"]["correctStatus"], "identity" | "validFrom" | "reason">;

export function CorrectStatus({ member, status, onShut }: { member: MemberData; status: Status; onShut: () => void }) {
  const words = useWords(memberWords);
  const shell = useWords(shellWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<Values>();
  const correct = useMutation(
    trpc.member.correctStatus.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.member.pathFilter());
        message.success(words.saved.corrected);
        onShut();
      },
      onError: (error) => sayErrors(error, form),
    }),
  );
  return (
    <Modal
      open
      title={`${words.form.correctTitle}：${member.name}`}
      okText={words.form.submitCorrect}
      cancelText={shell.cancel}
      confirmLoading={correct.isPending}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={560}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ identity: status.what, validFrom: status.validFrom }}
        onFinish={(values) =>
          correct.mutate({ ...values, id: member.id, version: member.version, statusId: status.id })
        }
      >
        <div className="form-two">
          <Form.Item name="identity" label={words.form.identity} rules={[{ required: true }]}>
            <Select options={Object.entries(domain.identity).map(([value, label]) => ({ value, label }))} />
          </Form.Item>
          <Form.Item
            name="validFrom"
            label={words.form.validFrom}
            extra={words.form.wasFrom(longDay(status.validFrom))}
            rules={[{ required: true }]}
          >
            <DayField max={today} />
          </Form.Item>
        </div>
        <Form.Item
          name="reason"
          label={words.form.correctReason}
          extra={words.form.correctReasonHint}
          rules={[{ required: true }]}
        >
          <Input maxLength={200} />
        </Form.Item>
        <p className="form-note">{words.form.correctEffect}</p>
      </Form>
    </Modal>
  );
}
