"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { Area, Language } from "./area.ts";

const LanguageContext = createContext<Language>("zh-CN");

/** Sets the language of everything below it. */
export const LanguageProvider = ({ language, children }: { language: Language; children: ReactNode }) => (
  <LanguageContext value={language}>{children}</LanguageContext>
);

export const useLanguage = (): Language => useContext(LanguageContext);

/** The words of one area in the reader's language. */
export const useWords = <Words,>(area: Area<Words>): Words => area[useContext(LanguageContext)];
