import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFixture, type Fixture } from "../../test/fixture.ts";
import { appRouter, createCaller } from "../index.ts";
import { limitedCalls, limitOf, limits, takeTurn, waitFor } from "./limits.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.close());

const seed = Number(process.env.SEED ?? 20261122);
const start = new Date("2026-11-20T02:00:00Z");
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);
let serial = 0;
const somebody = () => `principal-${++serial}`;
/** Seconds to wait, 0 when the call went on. */
const wait = (who: { account: string; address?: string }, now: Date, what: keyof typeof limits = "export") =>
  takeTurn(fixture.app, what, who, now).then(
    () => 0,
    (error: { kind: string; detail: { retryAfter: number } }) =>
      error.kind === "too_many" ? error.detail.retryAfter : Number.NaN,
  );

describe("a limit", () => {
  it("lets an account do so much and no more, and says when to come again", async () => {
    const account = somebody();
    for (let call = 0; call < limits.export.account; call++) expect(await wait({ account }, start)).toBe(0);
    const seconds = await wait({ account }, start);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(2 * limits.export.seconds);
    expect(await wait({ account: somebody() }, start)).toBe(0);
    expect(await wait({ account }, later(seconds))).toBe(0);
  });

  it("slides: the end of one window and the beginning of the next together are no double portion", async () => {
    const account = somebody();
    const end = later(limits.export.seconds - 1);
    for (let call = 0; call < limits.export.account; call++) await wait({ account }, end);
    expect(await wait({ account }, later(limits.export.seconds + 1))).toBeGreaterThan(0);
  });

  it("counts an address over all its accounts", async () => {
    const address = "192.0.2.7";
    const waits: number[] = [];
    for (let call = 0; call <= limits.export.address; call++)
      waits.push(await wait({ account: `${somebody()}`, address }, start));
    expect(waits.slice(0, -1).every((seconds) => seconds === 0)).toBe(true);
    expect(waits.at(-1)).toBeGreaterThan(0);
    expect(await wait({ account: somebody(), address: "192.0.2.8" }, start)).toBe(0);
  });

  it("counts calls at the same moment one by one", async () => {
    const account = somebody();
    const calls = Array.from({ length: limits.export.account + 5 }, () => wait({ account }, start));
    expect((await Promise.all(calls)).filter((seconds) => seconds > 0)).toHaveLength(5);
  });

  it("does not grow for somebody who keeps knocking", async () => {
    const account = somebody();
    for (let call = 0; call < limits.export.account * 3; call++) await wait({ account }, start);
    expect(await wait({ account }, later(2 * limits.export.seconds))).toBe(0);
  });

  it("forgets counts that are a day old", async () => {
    await wait({ account: somebody() }, start);
    await wait({ account: somebody() }, later(3 * 86_400));
    expect(await fixture.owner.callCount.count({ where: { since: { lte: start } } })).toBe(0);
  });

  it("never lets through what it should hold, and the wait that it names is enough", () => {
    const counts = fc.record({ now: fc.integer({ min: 1, max: 60 }), before: fc.integer({ min: 0, max: 60 }) });
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 999 }), fc.integer({ min: 2, max: 50 }), (seen, elapsed, most) => {
        const length = 1_000;
        const over = seen.before * (1 - elapsed / length) + seen.now > most;
        const ms = waitFor(seen, elapsed, most, length);
        expect(ms > 0).toBe(over);
        if (!over || seen.now > most + 1) return;
        const then = elapsed + ms + 1e-6;
        const weight =
          then < length
            ? seen.before * (1 - then / length) + seen.now + 1
            : seen.now * Math.max(0, 2 - then / length) + 1;
        expect(weight).toBeLessThanOrEqual(most + 1e-3);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

describe("procedures", () => {
  it("that are limited exist", () => {
    expect(Object.keys(appRouter._def.procedures)).toEqual(expect.arrayContaining(Object.keys(limitedCalls)));
  });

  it("that list count as a search only with something typed", () => {
    expect(limitOf("member.list", { q: "王" })).toBe("search");
    for (const input of [{}, { q: "" }, { q: "  " }, { q: 5 }, null, undefined])
      expect(limitOf("member.list", input)).toBeNull();
    expect(limitOf("member.reveal", {})).toBe("reveal");
    expect(limitOf("toString", {})).toBeNull();
  });

  it("refuse the reveal after the last allowed one, in words, before the record is read; also of records that are not there", async () => {
    const context = await fixture.contextOf([["branch_secretary", "B1"]]);
    const reveal = (id: string) =>
      createCaller(context)
        .member.reveal({ id, field: "phone", reason: "report", note: "" })
        .then(
          () => "shown",
          (error: { code: string; message: string }) => `${error.code} ${error.message}`,
        );
    const answers: string[] = [];
    for (let call = 0; call < limits.reveal.account; call++)
      answers.push(await reveal(fixture.person(call % 2 ? "B2" : "B1").id));
    expect(new Set(answers.map((answer) => answer.split(" ")[0]))).toEqual(new Set(["shown", "NOT_FOUND"]));
    expect(await reveal(fixture.person("B1").id)).toMatch(
      /^TOO_MANY_REQUESTS 查看完整号码太频繁，请在\d+(秒|分钟)后再试$/,
    );
    expect(await fixture.owner.revealLog.count()).toBe(limits.reveal.account / 2);
  });
});
