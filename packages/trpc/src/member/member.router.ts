import { procedure, router } from "../kernel/index.ts";
import { memberDetail } from "./member.detail.ts";
import { labelMembers } from "./member.labels.ts";
import { countMembers, listMembers } from "./member.list.ts";
import { correctStatus, transferMember } from "./member.move.ts";
import { revealNumber } from "./member.reveal.ts";
import {
  correctStatusInput,
  createMemberInput,
  editMemberInput,
  labelsInput,
  memberCountsInput,
  memberIdInput,
  memberListInput,
  revealInput,
  transferInput,
} from "./member.schema.ts";
import { createMember, editMember } from "./member.write.ts";

export const memberRouter = router({
  list: procedure("member.read")
    .input(memberListInput)
    .query(({ ctx, input }) => listMembers(ctx, input)),
  counts: procedure("member.read")
    .input(memberCountsInput)
    .query(({ ctx, input }) => countMembers(ctx, input)),
  detail: procedure("member.read")
    .input(memberIdInput)
    .query(({ ctx, input }) => memberDetail(ctx, input)),
  labels: procedure("member.read")
    .input(labelsInput)
    .query(({ ctx, input }) => labelMembers(ctx, input)),
  create: procedure("member.create")
    .input(createMemberInput)
    .mutation(({ ctx, input }) => createMember(ctx, input)),
  edit: procedure("member.edit")
    .input(editMemberInput)
    .mutation(({ ctx, input }) => editMember(ctx, input)),
  transfer: procedure("member.edit")
    .input(transferInput)
    .mutation(({ ctx, input }) => transferMember(ctx, input)),
  correctStatus: procedure("member.edit")
    .input(correctStatusInput)
    .mutation(({ ctx, input }) => correctStatus(ctx, input)),
  reveal: procedure("member.reveal")
    .input(revealInput)
    .mutation(({ ctx, input }) => revealNumber(ctx, input)),
});
