"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { instantText, memberWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, AutoComplete, Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { z } from "zod";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { educations, ethnicities } from "../suggestions.ts";
import type { MemberData } from "./member.tsx";

type Values = { name: string; ethnicity: string; education: string; studentNo: string; phone: string; mail: string };

/** What the record says now, as the server tells the second of two editors. */
const conflictShape = z.object({
  version: z.number(),
  by: z.string().nullable(),
  at: z.date().nullable(),
  fields: z.object({ name: z.string(), ethnicity: z.string(), education: z.string(), studentNo: z.string() }),
});
type Conflict = z.output<typeof conflictShape>;

/** Plain facts. When somebody else saved first, both sides stand beside each other and nothing typed is lost. */
export function EditMember({ member, onShut }: { member: MemberData; onShut: () => void }) {
  const words = useWords(memberWords);
  const shell = useWords(shellWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<Values>();
  const [version, setVersion] = useState(member.version);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const edit = useMutation(
    trpc.member.edit.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.member.pathFilter());
        message.success(words.saved.edited);
        onShut();
      },
      onError: (error) => {
        const current = conflictShape.safeParse(error.data?.current);
        if (error.data?.kind === "conflict" && current.success) setConflict(current.data);
        else sayErrors(error, form);
      },
    }),
  );
  const save = (values: Values, asOf = version) =>
    edit.mutate({
      ...values,
      id: member.id,
      version: asOf,
      phone: values.phone === "" ? null : values.phone,
      mail: values.mail === "" ? null : values.mail,
    });
  return (
    <Modal
      open
      title={words.form.editTitle}
      okText={words.form.submitEdit}
      cancelText={shell.cancel}
      confirmLoading={edit.isPending}
      okButtonProps={{ disabled: conflict !== null }}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={600}
    >
      {conflict ? (
        <ConflictNote
          conflict={conflict}
          yours={form.getFieldsValue()}
          onTake={() => {
            form.setFieldsValue(conflict.fields);
            setVersion(conflict.version);
            setConflict(null);
          }}
          onKeep={() => {
            setVersion(conflict.version);
            setConflict(null);
            save(form.getFieldsValue(), conflict.version);
          }}
        />
      ) : null}
      <Form
        form={form}
        layout="vertical"
        initialValues={{
          name: member.name,
          ethnicity: member.ethnicity ?? "",
          education: member.education ?? "",
          studentNo: member.studentNo ?? "",
          phone: "",
          mail: "",
        }}
        onFinish={(values) => save(values)}
      >
        <div className="form-two">
          <Form.Item name="name" label={words.form.name} rules={[{ required: true }]}>
            <Input maxLength={50} />
          </Form.Item>
          <Form.Item name="studentNo" label={words.form.studentNo}>
            <Input maxLength={30} />
          </Form.Item>
          <Form.Item name="ethnicity" label={words.form.ethnicity}>
            <AutoComplete
              options={ethnicities.map((value) => ({ value }))}
              showSearch={{ filterOption: true }}
              maxLength={20}
            />
          </Form.Item>
          <Form.Item name="education" label={words.form.education}>
            <AutoComplete options={educations.map((value) => ({ value }))} maxLength={20} />
          </Form.Item>
          <Form.Item
            name="phone"
            label={words.form.phone}
            extra={member.phoneMask ? `${words.form.phoneKeep} ${member.phoneMask}` : words.form.phoneHint}
          >
            <Input maxLength={30} inputMode="tel" autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="mail"
            label={words.form.mail}
            extra={member.mailMask ? `${words.form.phoneKeep} ${member.mailMask}` : words.form.mailHint}
          >
            <Input maxLength={254} inputMode="email" autoComplete="off" />
          </Form.Item>
        </div>
      </Form>
    </Modal>
  );
}

function ConflictNote({
  conflict,
  yours,
  onTake,
  onKeep,
}: {
  conflict: Conflict;
  yours: Values;
  onTake: () => void;
  onKeep: () => void;
}) {
  const words = useWords(memberWords);
  const today = useToday();
  const keys = ["name", "ethnicity", "education", "studentNo"] as const;
  return (
    <div className="member-conflict" role="alert">
      <h3>
        {words.form.conflict(conflict.by ?? words.form.someone, conflict.at ? instantText(conflict.at, today) : "")}
      </h3>
      <p>{words.form.conflictHow}</p>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{words.form.conflictField}</th>
            <th scope="col">{words.form.conflictNow}</th>
            <th scope="col">{words.form.conflictYours}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key} className={conflict.fields[key] === yours[key] ? undefined : "is-different"}>
              <td>{words.detail.fields[key]}</td>
              <td>{conflict.fields[key] || "—"}</td>
              <td>{yours[key] || "—"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="reveal-foot">
        <Button onClick={onTake}>{words.form.takeNow}</Button>
        <Button onClick={onKeep}>{words.form.keepMine}</Button>
      </div>
    </div>
  );
}
