import { z } from "zod";
import * as input from "../kernel/input.ts";
import { channels, messageStates } from "./message.rules.ts";

/** Conditions of the list; the counts beside it use the same ones without the state. */
const filter = {
  channel: z.enum(channels).optional(),
  /** The business day on which the message was made. */
  day: input.day("日期").optional(),
};

export const outboxCountsInput = z.strictObject(filter);
export const outboxListInput = z.strictObject({ ...filter, state: z.enum(messageStates).optional(), ...input.page });
export const outboxRetryInput = z.strictObject({ id: input.uuid });

export type OutboxFilter = z.output<typeof outboxCountsInput> & { state?: (typeof messageStates)[number] | undefined };
export type OutboxList = z.output<typeof outboxListInput>;
