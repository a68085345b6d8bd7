"use client";

import type { Permission } from "@xianfeng/auth";
import type { Identity } from "@xianfeng/trpc";
import { createContext, type ReactNode, useContext } from "react";

type Here = { identity: Identity; today: string };

const HereContext = createContext<Here | null>(null);

export const IdentityProvider = ({ identity, today, children }: Here & { children: ReactNode }) => (
  <HereContext value={{ identity, today }}>{children}</HereContext>
);

function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error("Not inside the console");
  return here;
}

export const useIdentity = (): Identity => useHere().identity;

/** The business day on which the page was opened, YYYY-MM-DD. */
export const useToday = (): string => useHere().today;

/** Whether to draw what this permission is for. The procedure decides by itself whether it is done. */
export const useMay = (permission: Permission): boolean => useHere().identity.permissions.includes(permission);
