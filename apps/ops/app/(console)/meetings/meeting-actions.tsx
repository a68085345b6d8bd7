"use client";

import { useMutation } from "@tanstack/react-query";
import { longestReason } from "@xianfeng/trpc/meeting";
import { useWords } from "@xianfeng/ui/messages";
import { App, Button, Input, Modal } from "antd";
import Link from "next/link";
import { useState } from "react";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Detail } from "./meeting-detail.tsx";
import { useCallWords } from "./parts.tsx";
import { meetingPageWords } from "./words.ts";

/** What can be done with the meeting now, as the server offers it; what does not work yet says why. */
export function MeetingActions({ meeting, refresh }: { meeting: Detail; refresh: () => void }) {
  const words = useWords(meetingPageWords);
  const [open, setOpen] = useState<"close" | "void" | null>(null);
  const offer = (event: string) => meeting.offers.find((each) => each.event === event);
  const close = offer("close");
  return (
    <div className="mt-head-acts">
      {offer("void") ? (
        <Button danger onClick={() => setOpen("void")}>
          {words.detail.void}
        </Button>
      ) : null}
      {meeting.changeable.includes("place") ? (
        <Link className="mt-second" href={`/meetings/${meeting.id}/edit`}>
          {meeting.state === "draft" ? words.detail.editDraft : words.detail.edit}
        </Link>
      ) : null}
      {close ? (
        <Button
          type="primary"
          disabled={close.problem !== null}
          title={close.problem ?? ""}
          onClick={() => setOpen("close")}
        >
          {words.detail.close}
        </Button>
      ) : null}
      <CloseDialog meeting={meeting} open={open === "close"} done={() => setOpen(null)} refresh={refresh} />
      <VoidDialog meeting={meeting} open={open === "void"} done={() => setOpen(null)} refresh={refresh} />
    </div>
  );
}

type Dialog = { meeting: Detail; open: boolean; done: () => void; refresh: () => void };

function CloseDialog({ meeting, open, done, refresh }: Dialog) {
  const words = useWords(meetingPageWords).dialog;
  const callWords = useCallWords();
  const { message } = App.useApp();
  const close = useMutation({ ...useTRPC().meeting.close.mutationOptions(), networkMode: "always" });
  const short = meeting.quorums.some(({ met }) => !met);
  return (
    <Modal
      open={open}
      title={words.closeTitle}
      okText={words.closeDo}
      cancelText={words.closeNot}
      confirmLoading={close.isPending}
      onCancel={done}
      onOk={async () => {
        try {
          await close.mutateAsync({ id: meeting.id });
          done();
        } catch (error) {
          message.error(callWords(error), 8);
        }
        refresh();
      }}
    >
      <p>{words.closeText(meeting.counts.pending)}</p>
      {meeting.notSignedOut > 0 ? <p className="mt-rule-warn">{words.closeOut(meeting.notSignedOut)}</p> : null}
      {short ? <p className="mt-rule-warn">{words.closeQuorum}</p> : null}
    </Modal>
  );
}

function VoidDialog({ meeting, open, done, refresh }: Dialog) {
  const words = useWords(meetingPageWords).dialog;
  const callWords = useCallWords();
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const drop = useMutation({ ...useTRPC().meeting.void.mutationOptions(), networkMode: "always" });
  return (
    <Modal
      open={open}
      title={words.voidTitle}
      okText={words.voidDo}
      cancelText={words.voidNot}
      okButtonProps={{ danger: true, ghost: true, disabled: reason.trim() === "" }}
      confirmLoading={drop.isPending}
      onCancel={done}
      onOk={async () => {
        try {
          await drop.mutateAsync({ id: meeting.id, reason });
          done();
        } catch (error) {
          message.error(callWords(error), 8);
        }
        refresh();
      }}
    >
      <p>{words.voidText}</p>
      <label className="mt-dialog-label" htmlFor="mt-void">
        {words.voidReason}
      </label>
      <Input.TextArea
        id="mt-void"
        rows={3}
        maxLength={longestReason}
        showCount
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </Modal>
  );
}
