import { notFound } from "../refusal.ts";
import { choose } from "./choice.ts";
import { definePage, type First, first } from "./define.ts";

export type BranchPage = { today: string; runId: string; meetings: First<"branch-meetings"> };

export const branch = definePage<BranchPage>({
  permission: "meeting.read",
  async load({ call, domain, search, params, today }) {
    const { period, run } = choose(await domain.periods(), search);
    if (!period || !run || run.report?.state === "retracted" || !/^[1-9]\d{0,8}$/.test(params.orgId ?? ""))
      throw notFound();
    const meetings = await first(call, "branch-meetings", { branch: params.orgId ?? "", period: period.id });
    return { today, runId: run.id, meetings };
  },
});

export type MeetingPage = { today: string; attendance: First<"meeting-attendance">; from: string | null };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const meeting = definePage<MeetingPage>({
  permission: "meeting.read",
  async load({ call, search, params, today }) {
    const id = params.meetingId ?? "";
    if (!uuid.test(id)) throw notFound();
    const run = search.get("run");
    return {
      today,
      attendance: await first(call, "meeting-attendance", { meeting: id }),
      from: run && uuid.test(run) ? run : null,
    };
  },
});
