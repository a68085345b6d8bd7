import { z } from "zod";
import * as input from "../kernel/input.ts";

/** Rows of one table that were set aside. The id is made by the page, so that a second click is the same request. */
export const mendInput = z.strictObject({
  id: input.uuid,
  table: z.string().regex(/^\w{1,63}$/, "表名不对"),
});

export type MendInput = z.output<typeof mendInput>;
