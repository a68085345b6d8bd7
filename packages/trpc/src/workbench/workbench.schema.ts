import { z } from "zod";
import * as input from "../kernel/input.ts";

export const dutyGridInput = z.strictObject({
  orgId: input.orgId,
  year: z.number().int().min(1950).max(2100).optional(),
});
