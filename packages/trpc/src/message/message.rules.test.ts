import { describe, expect, it } from "vitest";
import { isQuiet, mailExpiry, maxAttempts, waitAfter } from "./message.rules.ts";

const shanghai = (text: string) => new Date(`2026-11-20T${text}+08:00`);

describe("the night", () => {
  it.each([
    ["21:59:59", false],
    ["22:00:00", true],
    ["23:59:59", true],
    ["00:00:00", true],
    ["06:59:59", true],
    ["07:00:00", false],
    ["12:00:00", false],
  ])("%s in Shanghai: %s", (time, quiet) => expect(isQuiet(shanghai(time))).toBe(quiet));
});

describe("how long a mail is worth sending", () => {
  it("is a day, and never longer than somebody needs it", () => {
    const now = shanghai("10:00:00");
    expect(mailExpiry(now, shanghai("15:00:00"))).toEqual(shanghai("15:00:00"));
    expect(mailExpiry(now, new Date("2026-12-24T00:00:00Z"))).toEqual(new Date("2026-11-21T02:00:00Z"));
  });
});

describe("waits between tries", () => {
  it("grow, end, and fit into the life of a mail with the night in it", () => {
    const waits = Array.from({ length: maxAttempts }, (_, at) => waitAfter(at + 1));
    expect(waits.at(-1)).toBeNull();
    const minutes = waits.slice(0, -1).map((wait) => wait ?? 0);
    expect(minutes).toEqual([...minutes].sort((one, other) => one - other));
    expect(minutes.reduce((sum, wait) => sum + wait, 0) / 60 + 9).toBeLessThan(24);
  });
});
