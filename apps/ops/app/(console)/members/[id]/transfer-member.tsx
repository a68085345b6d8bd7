"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { memberWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Form, Input, Modal, Select } from "antd";
import { DayField } from "@/components/day-field.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import type { MemberData } from "./member.tsx";

type Values = { toOrgId: number; on: string; reason?: string };

export function TransferMember({ member, onShut }: { member: MemberData; onShut: () => void }) {
  const words = useWords(memberWords);
  const shell = useWords(shellWords);
  const today = useToday();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<Values>();
  const tree = useQuery(trpc.org.tree.queryOptions({}));
  const branches = (tree.data?.nodes ?? []).filter(
    (node) => !["committee", "general_branch"].includes(node.kind) && node.id !== member.branch?.id,
  );
  const transfer = useMutation(
    trpc.member.transfer.mutationOptions({
      onSuccess: async () => {
        await Promise.all([
          queries.invalidateQueries(trpc.member.pathFilter()),
          queries.invalidateQueries(trpc.org.pathFilter()),
        ]);
        message.success(words.saved.transferred);
        onShut();
      },
      onError: (error) => sayErrors(error, form),
    }),
  );
  return (
    <Modal
      open
      title={words.form.transferTitle(member.name)}
      okText={words.form.submitTransfer}
      cancelText={shell.cancel}
      confirmLoading={transfer.isPending}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={560}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ on: today, reason: "" }}
        onFinish={({ toOrgId, on, reason }) =>
          transfer.mutate({ id: member.id, version: member.version, toOrgId, on, reason: reason ?? "" })
        }
      >
        <div className="form-two">
          <Form.Item name="toOrgId" label={words.form.toOrg} rules={[{ required: true }]}>
            <Select
              showSearch={{ optionFilterProp: "label" }}
              options={branches.map((branch) => ({ value: branch.id, label: branch.name }))}
            />
          </Form.Item>
          <Form.Item name="on" label={words.form.on} extra={words.form.onHint} rules={[{ required: true }]}>
            <DayField max={today} />
          </Form.Item>
        </div>
        <Form.Item name="reason" label={words.form.reason}>
          <Input maxLength={200} />
        </Form.Item>
        <p className="form-note">{words.form.transferEffect}</p>
      </Form>
    </Modal>
  );
}
