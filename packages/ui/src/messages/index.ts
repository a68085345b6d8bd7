export { type Area, area, type Language } from "./area.ts";
export { count, daysBetween, instantText, longDay, shortDay, weekday } from "./form.ts";
export { memberWords } from "./member.ts";
export { orgWords } from "./org.ts";
export { LanguageProvider, useLanguage, useWords } from "./provider.tsx";
export { shellWords } from "./shell.ts";
export { signInWords } from "./sign-in.ts";
export { domainWords } from "./words.ts";
export { workbenchWords } from "./workbench.ts";
