import { z } from "zod";
import { isDay } from "./calendar.ts";

const storable = (text: string) => !text.includes("\0") && text.isWellFormed();

/** One line or paragraph typed by a person: trimmed, NFC, at most `max` code points; characters that cannot be stored are refused (IA18, IA19). */
export const text = (max: number, what: string) =>
  z
    .string()
    .refine(storable, `${what}里有不能保存的字符，请重新输入`)
    .transform((value) => value.normalize("NFC").trim())
    .refine((value) => [...value].length <= max, `${what}不能超过${max}个字`);

/** Like `text`, and not empty. */
export const someText = (max: number, what: string) => text(max, what).refine((value) => value !== "", `请填写${what}`);

export const day = (what: string) => z.string().refine(isDay, `${what}不是有效的日期，应写成 2026-11-22 的样子`);
export const clockTime = (what: string) => z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, `${what}应写成 15:00 的样子`);
export const uuid = z.uuid("编号不对");
export const orgId = z.number().int().positive().max(2_147_483_647);

/** Page of a list: numbers from 1, at most 100 rows. */
export const page = {
  page: z.number().int().min(1).max(10_000).default(1),
  size: z.number().int().min(1).max(100).default(20),
};
