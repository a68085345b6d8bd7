"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { domainWords, orgWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, Form, Input, Modal, Radio, Select } from "antd";
import { DayField } from "@/components/day-field.tsx";
import { Query } from "@/components/states.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Org } from "./org-detail.tsx";

type Values = { way: "move" | "merge"; toId?: number; on: string; reason?: string };

/** Move under another superior, or merge into another branch: what changes is on the screen before it happens. */
export function MoveOrg({ org, onShut, onDone }: { org: Org; onShut: () => void; onDone: (id: number) => void }) {
  const words = useWords(orgWords);
  const shell = useWords(shellWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const [form] = Form.useForm<Values>();
  const way = Form.useWatch("way", form) ?? "move";
  const toId = Form.useWatch("toId", form);
  const targets = useQuery(trpc.org.moveTargets.queryOptions({ id: org.id }));
  const done = async (text: string, show: number) => {
    await Promise.all([
      queries.invalidateQueries(trpc.org.pathFilter()),
      queries.invalidateQueries(trpc.workbench.pathFilter()),
    ]);
    message.success(text);
    onShut();
    onDone(show);
  };
  const fail = (error: unknown) => sayErrors(error, form);
  const move = useMutation(
    trpc.org.move.mutationOptions({ onSuccess: () => done(words.saved.moved, org.id), onError: fail }),
  );
  const merge = useMutation(
    trpc.org.merge.mutationOptions({
      onSuccess: ({ moved }, { toId: into }) => done(words.saved.merged(moved), into),
      onError: fail,
    }),
  );
  function submit({ on, toId: to, reason }: Values) {
    if (to === undefined) return;
    if (way === "move") move.mutate({ id: org.id, parentId: to, on, seenAt: org.updatedAt });
    else merge.mutate({ fromId: org.id, toId: to, on, reason: reason ?? "", seenAt: org.updatedAt });
  }
  const offered = (targets.data ?? []).filter((target) => (way === "move" ? target.asSuperior : target.asSuccessor));
  return (
    <Modal
      open
      title={words.form.moveTitle(org.shortName)}
      okText={way === "move" ? words.form.submitMove : words.form.submitMerge}
      okButtonProps={{ danger: way === "merge", type: way === "merge" ? "default" : "primary" }}
      cancelText={way === "merge" ? words.form.cancelMerge : shell.cancel}
      confirmLoading={move.isPending || merge.isPending}
      onOk={() => form.submit()}
      onCancel={onShut}
      width={640}
    >
      <Form form={form} layout="vertical" initialValues={{ way: "move", on: today }} onFinish={submit}>
        {org.isBranch ? (
          <Form.Item name="way">
            <Radio.Group
              options={Object.entries(words.form.way).map(([value, label]) => ({ value, label }))}
              onChange={() => form.resetFields(["toId"])}
            />
          </Form.Item>
        ) : (
          <Form.Item name="way" hidden>
            <Input />
          </Form.Item>
        )}
        <div className="form-two">
          <Form.Item
            name="toId"
            label={way === "move" ? words.form.moveTo : words.form.mergeTo}
            rules={[{ required: true }]}
          >
            <Select
              loading={targets.isPending}
              showSearch={{ optionFilterProp: "label" }}
              options={offered.map((target) => ({
                value: target.id,
                label: `${target.shortName}（${domain.orgKind[target.kind]}）`,
              }))}
            />
          </Form.Item>
          <Form.Item name="on" label={words.form.on} rules={[{ required: true }]}>
            <DayField max={today} min={org.openedOn} />
          </Form.Item>
        </div>
        {way === "merge" ? (
          <Form.Item name="reason" label={words.form.reason} extra={words.form.reasonHint} rules={[{ required: true }]}>
            <Input maxLength={200} />
          </Form.Item>
        ) : (
          <p className="form-note">{words.form.moveEffect}</p>
        )}
      </Form>
      {way === "merge" && toId !== undefined ? <MergeEffect fromId={org.id} toId={toId} /> : null}
    </Modal>
  );
}

function MergeEffect({ fromId, toId }: { fromId: number; toId: number }) {
  const words = useWords(orgWords);
  const preview = useQuery(useTRPC().org.mergePreview.queryOptions({ fromId, toId }));
  return (
    <Query of={preview} what={words.form.after} rows={4}>
      {({ from, to, problem }) => (
        <>
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">{words.form.item}</th>
                <th scope="col">{from.shortName}</th>
                <th scope="col">{to.shortName}</th>
                <th scope="col">{words.form.after}</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <td>{words.form.people}</td>
                <td>{from.people}</td>
                <td>{to.people}</td>
                <td>
                  <b>{words.form.toBe.moved(from.people + to.people)}</b>
                </td>
              </tr>
              <tr>
                <td>{words.form.posts}</td>
                <td>{from.posts}</td>
                <td>{to.posts}</td>
                <td>{words.form.toBe.ended}</td>
              </tr>
              <tr>
                <td>{words.form.duties}</td>
                <td>{from.openDuties}</td>
                <td>{to.openDuties}</td>
                <td>{words.form.toBe.waived(from.openDuties)}</td>
              </tr>
              <tr>
                <td>{words.form.todos}</td>
                <td>{from.openTodos}</td>
                <td>{to.openTodos}</td>
                <td>{words.form.toBe.closed(from.openTodos)}</td>
              </tr>
            </tbody>
          </table>
          <p className="form-note">{words.form.toBe.records}</p>
        </>
      )}
    </Query>
  );
}
