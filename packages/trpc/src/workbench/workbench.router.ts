import { procedure, router } from "../kernel/index.ts";
import { dutyGrid } from "./duty-grid.ts";
import { workbench } from "./workbench.read.ts";
import { dutyGridInput } from "./workbench.schema.ts";

export const workbenchRouter = router({
  get: procedure("workbench.read").query(({ ctx }) => workbench(ctx)),
  dutyGrid: procedure("obligation.read")
    .input(dutyGridInput)
    .query(({ ctx, input }) => dutyGrid(ctx, input)),
});
