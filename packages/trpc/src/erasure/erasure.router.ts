import { procedure, router } from "../kernel/index.ts";
import { carryOutInput, erasureListInput, erasureOfInput, requestErasureInput } from "./erasure.schema.ts";
import {
  aboutErasure,
  carryOutErasure,
  listErasures,
  refuseErasure,
  requestErasure,
  withdrawErasure,
} from "./erasure.service.ts";

export const erasureRouter = router({
  about: procedure("erasure.request")
    .input(erasureOfInput)
    .query(({ ctx, input }) => aboutErasure(ctx, input)),
  request: procedure("erasure.request")
    .input(requestErasureInput)
    .mutation(({ ctx, input }) => requestErasure(ctx, input)),
  withdraw: procedure("erasure.request")
    .input(erasureOfInput)
    .mutation(({ ctx, input }) => withdrawErasure(ctx, input)),
  list: procedure("erasure.decide")
    .input(erasureListInput)
    .query(({ ctx, input }) => listErasures(ctx, input)),
  carryOut: procedure("erasure.decide")
    .input(carryOutInput)
    .mutation(({ ctx, input }) => carryOutErasure(ctx, input)),
  refuse: procedure("erasure.decide")
    .input(erasureOfInput)
    .mutation(({ ctx, input }) => refuseErasure(ctx, input)),
});
