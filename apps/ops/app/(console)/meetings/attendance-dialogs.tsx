"use client";

import { useMutation } from "@tanstack/react-query";
import { type AttendanceState, longestReason } from "@xianfeng/trpc/meeting";
import { instantText, useWords } from "@xianfeng/ui/messages";
import { App, Input, Modal, Radio } from "antd";
import { useEffect, useState } from "react";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import type { AttendanceRow } from "./attendance-table.tsx";
import type { Detail } from "./meeting-detail.tsx";
import { useCallWords, useMeetingCodes } from "./parts.tsx";
import { meetingPageWords } from "./words.ts";

type Dialog = { meeting: Detail; row: AttendanceRow | null; done: () => void; refresh: () => void };

const correctable: Exclude<AttendanceState, "pending">[] = ["on_time", "late", "leave", "absent"];

/** After the meeting: another state, and why. What was there before stays in the history shown below. */
export function CorrectDialog({ meeting, row, done, refresh }: Dialog) {
  const words = useWords(meetingPageWords).dialog;
  const codes = useMeetingCodes();
  const today = useToday();
  const callWords = useCallWords();
  const { message } = App.useApp();
  const [state, setState] = useState<(typeof correctable)[number] | null>(null);
  const [reason, setReason] = useState("");
  const correct = useMutation({ ...useTRPC().meeting.correct.mutationOptions(), networkMode: "always" });
  useEffect(() => {
    setState(null);
    setReason("");
  }, [row?.personId]);
  return (
    <Modal
      open={row !== null}
      title={words.correctTitle(row?.name ?? "")}
      okText={words.correctDo}
      cancelText={words.correctNot}
      okButtonProps={{ disabled: state === null || reason.trim() === "" }}
      confirmLoading={correct.isPending}
      onCancel={done}
      onOk={async () => {
        if (!row || !state) return;
        try {
          await correct.mutateAsync({ id: meeting.id, personId: row.personId, state, reason });
          done();
        } catch (error) {
          message.error(callWords(error), 8);
        }
        refresh();
      }}
    >
      <p>{words.correctText}</p>
      <p className="mt-dialog-label">{words.correctState}</p>
      <Radio.Group
        value={state}
        onChange={(event) => setState(event.target.value as (typeof correctable)[number])}
        options={correctable.map((each) => ({
          value: each,
          label: codes.attendance[each],
          disabled: each === row?.state,
        }))}
      />
      <label className="mt-dialog-label" htmlFor="mt-correct">
        {words.correctReason}
      </label>
      <Input.TextArea
        id="mt-correct"
        rows={3}
        maxLength={longestReason}
        placeholder={words.correctHint}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {row && row.notes.length > 0 ? (
        <>
          <p className="mt-dialog-label">{words.history}</p>
          <ul className="mt-history">
            {row.notes.map((note) => (
              <li key={note.id}>
                {words.changed(codes.attendance[note.before], codes.attendance[note.after])}，{note.reason}
                <small>
                  {note.by} {instantText(note.at, today)}
                </small>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Modal>
  );
}

/** A leave by the recorder needs its reason. */
export function LeaveDialog({ meeting, row, done, refresh }: Dialog) {
  const words = useWords(meetingPageWords).dialog;
  const callWords = useCallWords();
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const record = useMutation({ ...useTRPC().meeting.record.mutationOptions(), networkMode: "always" });
  useEffect(() => setReason(""), [row?.personId]);
  return (
    <Modal
      open={row !== null}
      title={words.leaveTitle(row?.name ?? "")}
      okText={words.leaveDo}
      cancelText={words.leaveNot}
      okButtonProps={{ disabled: reason.trim() === "" }}
      confirmLoading={record.isPending}
      onCancel={done}
      onOk={async () => {
        if (!row) return;
        try {
          await record.mutateAsync({ id: meeting.id, personIds: [row.personId], state: "leave", reason });
          done();
        } catch (error) {
          message.error(callWords(error), 8);
        }
        refresh();
      }}
    >
      <label className="mt-dialog-label" htmlFor="mt-leave">
        {words.leaveReason}
      </label>
      <Input.TextArea
        id="mt-leave"
        rows={2}
        maxLength={longestReason}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <p className="mt-hint">{words.leaveHint}</p>
    </Modal>
  );
}
