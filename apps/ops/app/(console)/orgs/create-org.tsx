"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { domainWords, orgWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Form, Input, Modal, Select } from "antd";
import { DayField } from "@/components/day-field.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useToday } from "@/lib/identity.tsx";
import type { RouterInputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Org } from "./org-detail.tsx";

type Values = Omit<RouterInputs["org"]["create"], "parentId">;

export function CreateOrg({ org, onShut, onDone }: { org: Org; onShut: () => void; onDone: (id: number) => void }) {
  const words = useWords(orgWords);
  const shell = useWords(shellWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<Values>();
  const create = useMutation(
    trpc.org.create.mutationOptions({
      onSuccess: async ({ id }) => {
        await queries.invalidateQueries(trpc.org.pathFilter());
        message.success(words.saved.created);
        onShut();
        onDone(id);
      },
      onError: (error) => sayErrors(error, form),
    }),
  );
  return (
    <Modal
      open
      title={words.form.createTitle(org.shortName)}
      okText={words.form.submitCreate}
      cancelText={shell.cancel}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={600}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{
          kind: org.may.create.includes("branch") ? "branch" : org.may.create[0],
          category: "mixed",
          openedOn: today,
        }}
        onFinish={(values) => create.mutate({ ...values, parentId: org.id })}
      >
        <div className="form-two">
          <Form.Item name="kind" label={words.kind} rules={[{ required: true }]}>
            <Select options={org.may.create.map((kind) => ({ value: kind, label: domain.orgKind[kind] }))} />
          </Form.Item>
          <Form.Item name="category" label={words.category} rules={[{ required: true }]}>
            <Select options={Object.entries(domain.category).map(([value, label]) => ({ value, label }))} />
          </Form.Item>
        </div>
        <Form.Item name="fullName" label={words.fullName} extra={words.form.fullHint} rules={[{ required: true }]}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="shortName" label={words.shortName} rules={[{ required: true }]}>
          <Input maxLength={60} />
        </Form.Item>
        <div className="form-two">
          <Form.Item name="code" label={words.code} extra={words.form.codeHint} rules={[{ required: true }]}>
            <Input maxLength={40} placeholder={`${org.code}-`} />
          </Form.Item>
          <Form.Item name="openedOn" label={words.openedOn} rules={[{ required: true }]}>
            <DayField max={today} min={org.openedOn} />
          </Form.Item>
        </div>
      </Form>
    </Modal>
  );
}
