import { z } from "zod";
import * as input from "../kernel/input.ts";

/** An empty text removes the address. */
export const ownMailInput = z.strictObject({ mail: input.text(254, "邮箱") });
export const mailPreferenceInput = z.strictObject({ enabled: z.boolean(), quietHours: z.boolean() });
