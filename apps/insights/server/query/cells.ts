import { z } from "zod";

/** Cells of Cube answers. Numbers come as text; what is null stays null. */
export const whole = z.union([z.string().regex(/^-?\d+$/), z.number().int()]).transform(String);
export const count = z.coerce.number().int();
export const rank = z.union([z.null(), z.coerce.number().int()]);
export const flag = z
  .union([z.boolean(), z.enum(["true", "false", "1", "0"]), z.literal(0), z.literal(1)])
  .transform((value) => value === true || value === "true" || value === "1" || value === 1);
export const instant = z
  .string()
  .transform((text) => new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(" ", "T")}Z`).toISOString());

/** The number of an organisation in an address. */
export const orgNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, "组织的编号不对，请从页面重新进入")
  .transform(Number);
