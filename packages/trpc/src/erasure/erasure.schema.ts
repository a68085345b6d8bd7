import { z } from "zod";
import * as input from "../kernel/input.ts";
import { erasureReasons, erasureStates } from "./erasure.rules.ts";

/** About one person: there is at most one open request. */
export const erasureOfInput = z.strictObject({ id: input.uuid });
export const requestErasureInput = z.strictObject({
  id: input.uuid,
  reason: z.enum(erasureReasons, "请选择删除的依据"),
});
/** Whoever carries it out writes the name of the person, so that nobody else is erased by a slip. */
export const carryOutInput = z.strictObject({ id: input.uuid, name: input.someText(60, "姓名") });
export const erasureListInput = z.strictObject({ state: z.enum(erasureStates).optional(), ...input.page });

export type RequestErasure = z.output<typeof requestErasureInput>;
export type CarryOut = z.output<typeof carryOutInput>;
export type ErasureList = z.output<typeof erasureListInput>;
