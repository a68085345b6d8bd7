import type { Published } from "./published.ts";

export const meeting: Published[] = [
  { table: "meeting", purpose: "meetings held, by kind and month; titles stay in meeting_body" },
  { table: "attendance", purpose: "attendance rate; reasons stay in attendance_note" },
];
