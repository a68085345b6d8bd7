import { isDay } from "@xianfeng/trpc/calendar";
import { channels } from "@xianfeng/trpc/message/rules";
import type { RouterInputs } from "@/lib/outputs.ts";

type List = RouterInputs["message"]["list"];
export type State = NonNullable<List["state"]>;
export type Channel = (typeof channels)[number];
export type Filter = { channel: Channel; state?: State; day?: string; page: number };

/** The states that a message of each channel can have, in the order of the tabs. */
export const statesOf: Record<Channel, readonly State[]> = {
  mail: ["waiting", "sent", "failed", "not_configured", "expired", "dropped"],
  in_app: ["waiting", "shown"],
};

type Params = { getAll(name: string): string[] };

/** Conditions from the address. What does not fit any more is dropped, and `dropped` says so. */
export function readFilter(params: Params): { filter: Filter; dropped: boolean } {
  let dropped = false;
  const one = <Value>(name: string, read: (text: string) => Value | undefined): Value | undefined => {
    const given = params.getAll(name);
    if (given.length === 0) return undefined;
    const value = given.length === 1 ? read(given[0] ?? "") : undefined;
    if (value === undefined) dropped = true;
    return value;
  };
  const channel = one("channel", (text) => channels.find((code) => code === text)) ?? "mail";
  const state = one("state", (text) => statesOf[channel].find((code) => code === text));
  const day = one("day", (text) => (isDay(text) ? text : undefined));
  const page = one("page", (text) => (/^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined));
  return { filter: { channel, page: page ?? 1, ...(state ? { state } : {}), ...(day ? { day } : {}) }, dropped };
}

/** The address of a list with these conditions; what is usual is left out. */
export function addressOf({ channel, state, day, page }: Filter): string {
  const params = new URLSearchParams();
  if (channel !== "mail") params.set("channel", channel);
  if (state) params.set("state", state);
  if (day) params.set("day", day);
  if (page > 1) params.set("page", String(page));
  const text = params.toString();
  return text ? `/outbox?${text}` : "/outbox";
}

/** What the two procedures are asked: the counts by the same conditions without state and page. */
export function conditionsOf({ channel, state, day, page }: Filter) {
  const counts = { channel, ...(day ? { day } : {}) };
  return { counts, list: { ...counts, ...(state ? { state } : {}), page } };
}
