import { dayLong, dayOf } from "@xianfeng/ui/format";

/** The last day whose records a sealed run can hold: its as-of day, or the day of sealing when that came first. */
export const dataDay = (asOfOn: string, sealedAt: string | null): string =>
  dayLong(sealedAt && dayOf(sealedAt) < asOfOn ? dayOf(sealedAt) : asOfOn);
