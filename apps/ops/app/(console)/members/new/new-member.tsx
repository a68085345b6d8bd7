"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { idNumberWords, parseIdNumber } from "@xianfeng/trpc/member/rules";
import { domainWords, memberWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { App, AutoComplete, Button, Form, Input, Select } from "antd";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { DayField } from "@/components/day-field.tsx";
import { PageHead } from "@/components/panel.tsx";
import { useFormErrors } from "@/lib/form-errors.ts";
import { useIdentity, useMay, useToday } from "@/lib/identity.tsx";
import { newId } from "@/lib/new-id.ts";
import type { RouterInputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { educations, ethnicities } from "../suggestions.ts";
import "../members.css";
import "./new-member.css";

type Values = Omit<RouterInputs["member"]["create"], "id">;
const enterable = ["full_member", "probationary_member", "development_target", "activist", "applicant"] as const;

/** One column: who, Party data, contact. What the ID number says is brought in and not asked. */
export function NewMember() {
  const words = useWords(memberWords);
  const shell = useWords(shellWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const identity = useIdentity();
  const router = useRouter();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const sayErrors = useFormErrors();
  const mayAdd = useMay("member.create");
  const [form] = Form.useForm<Values>();
  // Made once: sending the form twice makes one person.
  const [id] = useState(newId);
  const kind = Form.useWatch("identity", form) ?? "full_member";
  const tree = useQuery(trpc.org.tree.queryOptions({}));
  const branches = (tree.data?.nodes ?? []).filter((node) => !["committee", "general_branch"].includes(node.kind));
  const create = useMutation(
    trpc.member.create.mutationOptions({
      onSuccess: async (made) => {
        await Promise.all([
          queries.invalidateQueries(trpc.member.pathFilter()),
          queries.invalidateQueries(trpc.org.pathFilter()),
        ]);
        message.success(words.saved.added);
        router.push(`/members/${made.id}`);
      },
      onError: (error) => sayErrors(error, form),
    }),
  );
  const isMember = kind === "full_member" || kind === "probationary_member";
  return (
    <div className="form-page">
      <PageHead title={words.form.addTitle} />
      <Form
        form={form}
        layout="vertical"
        disabled={!mayAdd}
        initialValues={{
          identity: "full_member",
          orgId: branches.some((branch) => branch.id === identity.orgId) ? identity.orgId : undefined,
          from: today,
          ethnicity: "汉族",
          education: "",
          studentNo: "",
          phone: "",
          mail: "",
        }}
        onFinish={(values) =>
          create.mutate({
            ...values,
            id,
            joinedOn: isMember ? values.joinedOn : null,
            convertedOn: kind === "full_member" ? values.convertedOn : null,
          })
        }
      >
        <section className="panel form-part">
          <h2>{words.detail.personal}</h2>
          <div className="form-two">
            <Form.Item name="name" label={words.form.name} extra={words.form.nameHint} rules={[{ required: true }]}>
              <Input maxLength={50} autoComplete="off" />
            </Form.Item>
            <IdNumberField today={today} />
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
            <Form.Item name="studentNo" label={words.form.studentNo}>
              <Input maxLength={30} autoComplete="off" />
            </Form.Item>
            <Form.Item name="phone" label={words.form.phone} extra={words.form.phoneHint}>
              <Input maxLength={30} inputMode="tel" autoComplete="off" />
            </Form.Item>
            <Form.Item name="mail" label={words.form.mail} extra={words.form.mailHint}>
              <Input maxLength={254} inputMode="email" autoComplete="off" />
            </Form.Item>
          </div>
        </section>
        <section className="panel form-part">
          <h2>{words.detail.party}</h2>
          <div className="form-two">
            <Form.Item name="orgId" label={words.form.org} rules={[{ required: true }]}>
              <Select
                showSearch={{ optionFilterProp: "label" }}
                options={branches.map((branch) => ({ value: branch.id, label: branch.name }))}
              />
            </Form.Item>
            <Form.Item name="from" label={words.form.from} rules={[{ required: true }]}>
              <DayField max={today} />
            </Form.Item>
            <Form.Item name="identity" label={words.form.identity} rules={[{ required: true }]}>
              <Select options={enterable.map((value) => ({ value, label: domain.identity[value] }))} />
            </Form.Item>
            {isMember ? (
              <Form.Item
                name="joinedOn"
                label={words.form.joinedOn}
                extra={words.form.joinedHint}
                rules={[{ required: true }]}
              >
                <DayField max={today} />
              </Form.Item>
            ) : null}
            {kind === "full_member" ? <ConvertedField today={today} /> : null}
          </div>
        </section>
        <div className="form-foot">
          <Button onClick={() => router.back()}>{shell.cancel}</Button>
          <Button type="primary" htmlType="submit" loading={create.isPending}>
            {words.form.submitAdd}
          </Button>
        </div>
      </Form>
    </div>
  );
}

/** Says at once what the number says: birth, sex, an old form, or what is wrong with it. */
function IdNumberField({ today }: { today: string }) {
  const words = useWords(memberWords).form;
  const domain = useWords(domainWords);
  const typed: string = Form.useWatch("idNumber") ?? "";
  const number = parseIdNumber(typed, today);
  const said = number.ok
    ? [
        words.broughtIn(number.birth, domain.sex[number.sex] ?? ""),
        number.upgraded ? words.upgraded(number.id18) : "",
        number.flag ? words.century : "",
      ].filter(Boolean)
    : [words.idNumberHint];
  return (
    <Form.Item
      name="idNumber"
      label={words.idNumber}
      extra={said.join("；")}
      validateTrigger="onBlur"
      rules={[
        {
          validator: (_, value: string | undefined) => {
            if (!value?.trim()) return Promise.reject(new Error(words.idNumber));
            const read = parseIdNumber(value, today);
            return read.ok ? Promise.resolve() : Promise.reject(new Error(idNumberWords[read.reason]));
          },
        },
      ]}
      required
    >
      <Input maxLength={40} autoComplete="off" />
    </Form.Item>
  );
}

function ConvertedField({ today }: { today: string }) {
  const words = useWords(memberWords).form;
  const joinedOn: string | null = Form.useWatch("joinedOn") ?? null;
  const convertedOn: string | null = Form.useWatch("convertedOn") ?? null;
  const short = joinedOn && convertedOn && convertedOn >= joinedOn && convertedOn < oneYearAfter(joinedOn);
  return (
    <Form.Item
      name="convertedOn"
      label={words.convertedOn}
      extra={short ? <span className="form-warn">{words.shortProbation}</span> : words.convertedHint}
      rules={[{ required: true }]}
    >
      <DayField max={today} />
    </Form.Item>
  );
}

const oneYearAfter = (day: string) => `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`;
