import { describe, expect, it } from "vitest";
import { maskId, maskName, maskPhoneNumber } from "./mask.rules.ts";
import { dateProblems, firstStatuses, isAdult, isName, normaliseName, parsePhone, soundOf } from "./person.rules.ts";
import maskVectors from "./vectors/masking.json" with { type: "json" };

describe("masks, by the vectors", () => {
  const functions: Record<string, (text: string) => string> = {
    "mask.id": maskId,
    "mask.phone": maskPhoneNumber,
    "mask.name": maskName,
  };
  it.each(maskVectors.vectors.map((vector) => [vector.id, vector.why, vector] as const))("%s %s", (_, __, vector) => {
    const mask = functions[vector.fn];
    if (!mask) throw new Error(`no function ${vector.fn}`);
    expect(mask(vector.input.text)).toBe(vector.expected);
  });
});

describe("names", () => {
  it.each(["阿某•买某某", "阿某・买某某", "阿某‧买某某", " 阿某 · 买某某 "])("%s has one form", (typed) => {
    expect(normaliseName(typed)).toBe("阿某·买某某");
  });
  it.each(["𬱖明", "䶮", "㛃华", "𠮷", "葛󠄀某", "Anna O'Neil-Li"])("%s is a name", (name) =>
    expect(isName(name)).toBe(true),
  );
  it.each(["", "·", "张3", "<b>", "张\u0000", "张\u202E三"])("%j is none", (name) => expect(isName(name)).toBe(false));
  it.each([
    ["单晓明", "shanxiaoming", "sxm"],
    ["解放", "xiefang", "xf"],
    ["吕布", "lvbu", "lb"],
  ])("%s sounds like %s", (name, pinyin, initials) => expect(soundOf(name)).toEqual({ pinyin, initials }));
});

describe("phones", () => {
  it.each(["15400001234", "+86 154 0000 1234", "0086-154-0000-1234", "１５４００００１２３４", " 154 0000 1234 "])(
    "%s is one number",
    (typed) => expect(parsePhone(typed)).toBe("15400001234"),
  );
  it.each(["0591-1234567", "1540000123", "154000012345", "12345678901", "", "abc"])("%s is refused", (typed) =>
    expect(parsePhone(typed)).toBeNull(),
  );
});

describe("dates", () => {
  it("counts eighteen years to the day, 28 February for those of the 29th", () => {
    expect(isAdult("2008-11-22", "2026-11-21")).toBe(false);
    expect(isAdult("2008-11-22", "2026-11-22")).toBe(true);
    expect(isAdult("2008-02-29", "2026-02-28")).toBe(true);
  });

  const adult = { birth: "1990-03-07", today: "2026-11-22", from: "2026-09-01" };
  it("asks a full member for both days, in order", () => {
    expect(dateProblems({ ...adult, identity: "full_member", joinedOn: null, convertedOn: null })).toHaveProperty(
      "joinedOn",
    );
    expect(
      dateProblems({ ...adult, identity: "full_member", joinedOn: "2020-05-01", convertedOn: "2019-05-01" }),
    ).toHaveProperty("convertedOn");
    expect(
      dateProblems({ ...adult, identity: "full_member", joinedOn: "2020-05-01", convertedOn: "2021-05-01" }),
    ).toEqual({});
  });
  it("refuses an applicant under eighteen on the day of applying", () => {
    const young = { ...adult, birth: "2008-11-22", identity: "applicant" as const, joinedOn: null, convertedOn: null };
    expect(dateProblems(young).from).toContain("18");
    expect(dateProblems({ ...young, from: "2026-11-22" })).toEqual({});
  });

  it("makes the identities that a full member had", () => {
    expect(
      firstStatuses({ identity: "full_member", on: "2026-09-01", joinedOn: "2020-05-01", convertedOn: "2021-05-01" }),
    ).toEqual([
      { identity: "probationary_member", validFrom: "2020-05-01", validTo: "2021-05-01" },
      { identity: "full_member", validFrom: "2021-05-01", validTo: null },
    ]);
  });
});
