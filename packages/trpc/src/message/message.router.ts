import { procedure, router } from "../kernel/index.ts";
import { outboxCountsInput, outboxListInput, outboxRetryInput } from "./message.schema.ts";
import { countOutbox, listOutbox, retryMessage } from "./message.service.ts";

export const messageRouter = router({
  list: procedure("outbox.read")
    .input(outboxListInput)
    .query(({ ctx, input }) => listOutbox(ctx, input)),
  counts: procedure("outbox.read")
    .input(outboxCountsInput)
    .query(({ ctx, input }) => countOutbox(ctx, input)),
  retry: procedure("outbox.retry")
    .input(outboxRetryInput)
    .mutation(({ ctx, input }) => retryMessage(ctx, input)),
});
