import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { api, requireScope } from "@/lib/server.ts";
import { MeetingFormPage } from "../../meeting-form.tsx";
import "../../meetings.css";

export const metadata: Metadata = { title: "编辑会议" };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const scope = await requireScope();
  const { id } = await params;
  const meeting = await (await api()).meeting.get({ id }).catch(() => null);
  if (!meeting) notFound();
  if (!meeting.changeable.includes("place")) redirect(`/meetings/${id}`);
  return (
    <MeetingFormPage
      start={{
        id,
        orgId: meeting.orgId,
        orgName: meeting.orgName,
        version: meeting.version,
        form: meeting.form,
        sources: {},
        state: meeting.state === "draft" ? "draft" : "published",
        changeable: meeting.changeable,
        principalId: scope.principalId,
      }}
    />
  );
}
