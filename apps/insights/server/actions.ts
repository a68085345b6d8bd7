import { setTimeout as pause } from "node:timers/promises";
import type { Permission } from "@xianfeng/auth";
import { z } from "zod";
import type { Domain } from "./domain.ts";

/** Something a person does here. Runs as the caller through the same procedure that checks the right again at the record. */
type Action<Form extends z.ZodType> = {
  permission: Permission;
  form: Form;
  /** @returns where to go next, as a path within the app */
  run(domain: Domain, input: z.output<Form>): Promise<{ next: string | null }>;
};

const define = <Form extends z.ZodType>(action: Action<Form>) => action;

const id = z.uuid("编号不对，请从页面重新进入");

/** The marts usually follow within a few seconds: wait that long, so that the page opens with the preview. Longer waiting is the page's. */
async function settled(ready: () => Promise<{ ready: boolean }>): Promise<void> {
  for (const end = Date.now() + 8_000; Date.now() < end; await pause(1_000)) {
    const answer = await ready().catch(() => ({ ready: true }));
    if (answer.ready) return;
  }
}

export const actions = {
  generate: define({
    permission: "evaluation.generate",
    form: z.strictObject({ periodId: id }),
    async run(domain, { periodId }) {
      const { runId } = await domain.generate(periodId);
      await settled(() => domain.previewReady(runId));
      return { next: `/runs?period=${periodId}` };
    },
  }),
  discard: define({
    permission: "evaluation.generate",
    form: z.strictObject({ periodId: id, runId: id }),
    async run(domain, { periodId, runId }) {
      await domain.discard(runId);
      return { next: `/runs?period=${periodId}` };
    },
  }),
  publish: define({
    permission: "evaluation.publish",
    form: z.strictObject({
      periodId: id,
      runId: id,
      note: z.string().trim().max(100, "更正说明最多100字").default(""),
      checked: z.literal("on", "请先勾选“我已核对”"),
    }),
    async run(domain, { periodId, runId, note }) {
      await domain.publish(runId, note);
      return { next: `/runs?period=${periodId}` };
    },
  }),
  retract: define({
    permission: "evaluation.retract",
    form: z.strictObject({
      periodId: id,
      runId: id,
      reason: z.string().trim().min(1, "请填写撤回原因").max(200, "撤回原因最多200字"),
    }),
    async run(domain, { periodId, runId, reason }) {
      await domain.retract(runId, reason);
      return { next: `/runs?period=${periodId}` };
    },
  }),
};

export type ActionName = keyof typeof actions;
