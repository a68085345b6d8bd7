import { procedure, router } from "../kernel/index.ts";
import { mendInput } from "./health.schema.ts";
import { getHealth, getLetters, mend } from "./health.service.ts";

export const healthRouter = router({
  get: procedure("system.read").query(({ ctx }) => getHealth(ctx)),
  letters: procedure("system.read").query(({ ctx }) => getLetters(ctx)),
  replay: procedure("system.mend")
    .input(mendInput)
    .mutation(({ ctx, input }) => mend(ctx, "replay", input)),
  repair: procedure("system.mend")
    .input(mendInput)
    .mutation(({ ctx, input }) => mend(ctx, "repair", input)),
});
