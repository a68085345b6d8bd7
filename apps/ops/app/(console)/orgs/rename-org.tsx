"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { orgWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Form, Input, Modal } from "antd";
import { DayField } from "@/components/day-field.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Org } from "./org-detail.tsx";

export function RenameOrg({ org, onShut }: { org: Org; onShut: () => void }) {
  const words = useWords(orgWords);
  const shell = useWords(shellWords);
  const today = useToday();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<{ fullName: string; shortName: string; on: string }>();
  const rename = useMutation(
    trpc.org.rename.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.org.pathFilter());
        message.success(words.saved.renamed);
        onShut();
      },
      onError: (error) => sayErrors(error, form),
    }),
  );
  return (
    <Modal
      open
      title={words.form.renameTitle(org.shortName)}
      okText={words.form.submitRename}
      cancelText={shell.cancel}
      confirmLoading={rename.isPending}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={600}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ fullName: org.fullName, shortName: org.shortName, on: today }}
        onFinish={(values) => rename.mutate({ ...values, id: org.id, seenAt: org.updatedAt })}
      >
        <Form.Item name="fullName" label={words.fullName} rules={[{ required: true }]}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="shortName" label={words.shortName} rules={[{ required: true }]}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="on" label={words.form.on} extra={words.form.onHint} rules={[{ required: true }]}>
          <DayField max={today} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
