"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useWords } from "@xianfeng/ui/messages";
import { App, Button } from "antd";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Sources } from "./form-fields.tsx";
import { useCallWords } from "./parts.tsx";
import type { Draft } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

/** How many fields were brought in, how many are still asked, and what can be done with the draft. */
export function DraftFoot({ draft, sources }: { draft: Draft; sources: Sources }) {
  const words = useWords(meetingPageWords);
  const callWords = useCallWords();
  const router = useRouter();
  const { modal, message } = App.useApp();
  const trpc = useTRPC();
  const client = useQueryClient();
  const publish = useMutation({ ...trpc.meeting.publish.mutationOptions(), networkMode: "always" });
  const remove = useMutation({ ...trpc.meeting.remove.mutationOptions(), networkMode: "always" });
  const { form } = draft;
  const missing = [
    form.title === "",
    form.place === "",
    form.audience === "group" && !form.groupId,
    form.audience === "chosen" && form.chosenPersonIds.length === 0,
  ].filter(Boolean).length;
  const preview = useQuery({
    ...trpc.meeting.preview.queryOptions({ id: draft.id, orgId: draft.orgId, fields: form }),
    enabled: false,
  });
  const stuck = Object.keys(draft.problems).length > 0 || draft.conflicts.length > 0;
  const blocked = missing > 0 || stuck || preview.data?.checks.some(({ level }) => level === "block") === true;

  async function doPublish() {
    if (!(await draft.flush())) return;
    const { expected, checks } = await client.fetchQuery(
      trpc.meeting.preview.queryOptions({ id: draft.id, orgId: draft.orgId, fields: draft.form }),
    );
    const people = expected.filter(({ counted }) => counted).length;
    const past = checks.some(({ id }) => id === "past");
    modal.confirm({
      title: words.dialog.publishTitle,
      content: past ? words.dialog.publishPast : words.dialog.publishText(people, expected.length - people),
      okText: words.dialog.publishDo,
      cancelText: words.dialog.publishNot,
      icon: null,
      onOk: async () => {
        try {
          await publish.mutateAsync({ id: draft.id, version: draft.latestVersion() });
          draft.forget();
          await client.invalidateQueries();
          router.push(`/meetings/${draft.id}`);
        } catch (error) {
          message.error(callWords(error), 8);
        }
      },
    });
  }

  const doRemove = () =>
    modal.confirm({
      title: words.dialog.removeTitle,
      content: words.dialog.removeText(form.title || words.untitled),
      okText: words.dialog.removeDo,
      cancelText: words.dialog.removeNot,
      okButtonProps: { danger: true, ghost: true },
      icon: null,
      onOk: async () => {
        try {
          if (draft.version > 0) await remove.mutateAsync({ id: draft.id });
          draft.forget();
          await client.invalidateQueries();
          router.push("/meetings");
        } catch (error) {
          message.error(callWords(error), 8);
        }
      },
    });

  return (
    <footer className="mt-foot">
      <p>
        <span>{words.form.brought(Object.keys(sources).length)}</span>
        <span>{words.form.todo(missing)}</span>
        <span className="mt-quiet">{words.form.saveKey}</span>
      </p>
      <Button type="link" onClick={doRemove}>
        {words.form.remove}
      </Button>
      <Button onClick={() => draft.flush()} loading={draft.status === "saving"}>
        {words.form.saveDraft}
      </Button>
      <Button type="primary" disabled={blocked} onClick={doPublish}>
        {words.form.publish}
      </Button>
    </footer>
  );
}

/** A published meeting is saved on purpose: everybody on the list gets a message. */
export function PublishedFoot({ draft }: { draft: Draft }) {
  const words = useWords(meetingPageWords).form;
  const router = useRouter();
  const client = useQueryClient();
  const stuck = draft.conflicts.length > 0 || draft.changed.length === 0 || draft.status === "invalid";
  return (
    <footer className="mt-foot">
      <p />
      <Link className="mt-plain" href={`/meetings/${draft.id}`}>
        {words.leave}
      </Link>
      <Button
        type="primary"
        disabled={stuck}
        loading={draft.status === "saving"}
        onClick={async () => {
          if (!(await draft.flush())) return;
          await client.invalidateQueries();
          router.push(`/meetings/${draft.id}`);
        }}
      >
        {words.saveAndTell}
      </Button>
    </footer>
  );
}
