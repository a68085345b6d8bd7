import { randomUUID } from "node:crypto";
import { type MeetingKind, meetingKinds } from "@xianfeng/trpc/meeting";
import type { Metadata } from "next";
import { api, requireScope } from "@/lib/server.ts";
import { NewMeeting, NoBranch } from "../new-meeting.tsx";
import "../meetings.css";

export const metadata: Metadata = { title: "新建会议" };

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const scope = await requireScope();
  const caller = await api();
  const branches = await caller.meeting.branches().catch(() => []);
  const { org, kind } = await searchParams;
  const branch = branches.find(({ id }) => String(id) === org) ?? branches[0];
  if (!branch) return <NoBranch />;
  const known: MeetingKind = meetingKinds.find((each) => each === kind) ?? "theme_day";
  const { fields, sources } = await caller.meeting.broughtIn({ orgId: branch.id, kind: known });
  return (
    <NewMeeting
      branches={branches}
      start={{
        id: randomUUID(),
        orgId: branch.id,
        orgName: branch.name,
        version: 0,
        form: fields,
        sources,
        state: "draft",
        changeable: changeableInDraft,
        principalId: scope.principalId,
      }}
    />
  );
}

const changeableInDraft = [
  "kind",
  "title",
  "heldOn",
  "startTime",
  "endTime",
  "place",
  "hostId",
  "recorderId",
  "audience",
  "groupId",
  "chosenPersonIds",
  "agenda",
  "checkInLead",
  "lateAfter",
  "checkOutRequired",
] as const;
