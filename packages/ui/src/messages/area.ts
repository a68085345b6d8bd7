/** Languages of the screens. Simplified Chinese is the original, the others are checked against its shape. */
export type Language = "zh-CN" | "en";

/** The words of one part of the product in every language. A key that a language lacks fails the type check. */
export type Area<Words> = { "zh-CN": Words; en: Words };

export const area = <Words>(zh: Words, en: NoInfer<Words>): Area<Words> => ({ "zh-CN": zh, en });
