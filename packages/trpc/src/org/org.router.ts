import { procedure, router } from "../kernel/index.ts";
import { mergeOrg, mergePreview } from "./org.merge.ts";
import { moveTargets, orgDetail, orgTree } from "./org.read.ts";
import {
  createOrgInput,
  mergeOrgInput,
  mergePreviewInput,
  moveOrgInput,
  moveTargetsInput,
  orgInput,
  renameOrgInput,
  treeInput,
} from "./org.schema.ts";
import { createOrg, moveOrg, renameOrg } from "./org.write.ts";

export const orgRouter = router({
  tree: procedure("org.read")
    .input(treeInput)
    .query(({ ctx, input }) => orgTree(ctx, input)),
  detail: procedure("org.read")
    .input(orgInput)
    .query(({ ctx, input }) => orgDetail(ctx, input)),
  moveTargets: procedure("org.edit")
    .input(moveTargetsInput)
    .query(({ ctx, input }) => moveTargets(ctx, input)),
  mergePreview: procedure("org.edit")
    .input(mergePreviewInput)
    .query(({ ctx, input }) => mergePreview(ctx, input)),
  create: procedure("org.create")
    .input(createOrgInput)
    .mutation(({ ctx, input }) => createOrg(ctx, input)),
  rename: procedure("org.edit")
    .input(renameOrgInput)
    .mutation(({ ctx, input }) => renameOrg(ctx, input)),
  move: procedure("org.edit")
    .input(moveOrgInput)
    .mutation(({ ctx, input }) => moveOrg(ctx, input)),
  merge: procedure("org.edit")
    .input(mergeOrgInput)
    .mutation(({ ctx, input }) => mergeOrg(ctx, input)),
});
