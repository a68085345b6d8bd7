import { describe, expect, it } from "vitest";
import { idempotencyKey, waitOf } from "../src/deliver.ts";
import { letterOf } from "../src/letter.ts";

describe("how long the service asks to wait", () => {
  const now = Date.parse("2026-11-20T02:00:00Z");
  it.each([
    ["30", "rate_limit_exceeded", 30_000],
    ["0", "rate_limit_exceeded", 1_000],
    ["-5", "rate_limit_exceeded", 1_000],
    ["999999999", "rate_limit_exceeded", 86_400_000],
    ["Fri, 20 Nov 2026 02:02:00 GMT", "rate_limit_exceeded", 120_000],
    ["soon", "rate_limit_exceeded", 60_000],
    ["", "rate_limit_exceeded", 60_000],
    [undefined, "rate_limit_exceeded", 60_000],
    [undefined, "daily_quota_exceeded", 3_600_000],
  ])("%s (%s)", (header, name, wait) => expect(waitOf(header, name, now)).toBe(wait));
});

describe("the idempotency key", () => {
  it("is the same for a message and an address, another for another address, and does not hold it", () => {
    const key = idempotencyKey("0199", "zhao@example.edu.cn");
    expect(idempotencyKey("0199", "zhao@example.edu.cn")).toBe(key);
    expect(idempotencyKey("0199", "qian@example.edu.cn")).not.toBe(key);
    expect(key).not.toContain("zhao");
    expect(key.length).toBeLessThanOrEqual(256);
  });
});

describe("the letter", () => {
  it("keeps to one line what stands in a head, and says markup instead of being it", () => {
    const letter = letterOf(
      { subject: "会议\r\nBcc: x@y.cn", body: '<img src="x"> & “时间”', href: "/m" },
      "https://a.cn",
    );
    expect(letter.subject).toBe("会议 Bcc: x@y.cn");
    expect(letter.html).toContain("&lt;img src=&quot;x&quot;&gt; &amp;");
    expect(letter.html).not.toContain("<img");
    expect(letter.text).toContain('<img src="x"> &');
  });

  it("links to this site only", () => {
    expect(letterOf({ subject: "a", body: "b", href: null }, "https://a.cn").text).toContain("https://a.cn/m/notices");
  });
});
