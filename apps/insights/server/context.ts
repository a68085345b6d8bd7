import { createContext } from "react-router";
import type { Call } from "./call.ts";

/** What the server hands to every loader and action: the caller, and the pages and queries that he may ask. */
export const callContext = createContext<Call>();

/** The nonce of this answer's content security policy. */
export const nonceContext = createContext<string>();
