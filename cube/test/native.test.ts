import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findNative, knownVersion, requireFromCube, supplyNative } from "../src/native/stand-in.ts";
import {
  type Columns,
  finalQueryResult,
  finalQueryResultMulti,
  type TransformRequest,
  transformData,
} from "../src/native/transform.ts";
import { seed } from "./random.ts";

// The same step in plain JavaScript, from the last release of Cube that had it: somebody else's code, not ours.
const require = createRequire(import.meta.url);
const plain = require("@cubejs-backend/api-gateway-plain/dist/src/helpers/transformData.js") as {
  transformData(
    aliases: object,
    annotation: object,
    rows: object[],
    query: object,
    queryType: string,
    resultType: string,
  ): unknown;
};

type Row = Record<string, unknown>;
const toColumns = (rows: Row[]): Columns => {
  const members = Object.keys(rows[0] ?? {});
  return { members, columns: members.map((member) => rows.map((row) => row[member])) };
};
const ours = (request: TransformRequest, rows: Row[]) => transformData(request, toColumns(rows));
const theirs = (request: TransformRequest, rows: Row[]) =>
  plain.transformData(
    request.aliasToMemberNameMap,
    request.annotation,
    rows,
    request.query,
    request.queryType ?? "regularQuery",
    request.resType ?? "default",
  );

const value = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constant("9007199254740993"),
);
const time = fc.oneof(
  fc.constant(null),
  fc
    .date({ min: new Date("1900-01-01"), max: new Date("2200-01-01"), noInvalidDate: true })
    .map((day) => day.toISOString().replace("Z", "")),
  fc.constant("2026-03-01T00:00:00.000"),
);

/** Random answers: some measures and dimensions, perhaps a time dimension with a granularity. */
const answers = fc
  .record({
    names: fc.uniqueArray(fc.stringMatching(/^[b-z]{1,6}$/), { minLength: 1, maxLength: 5 }),
    granularity: fc.option(fc.constantFrom("day", "month", "year"), { nil: undefined }),
    alsoPlain: fc.boolean(),
    resType: fc.constantFrom("default" as const, "compact" as const),
    count: fc.integer({ min: 0, max: 6 }),
  })
  .chain(({ names, granularity, alsoPlain, resType, count }) => {
    const columns = names.map((name) => ({ alias: `v__${name}`, member: `v.${name}`, type: "string", values: value }));
    const times = granularity ? [{ alias: "v__at_g", member: `v.at.${granularity}`, type: "time", values: time }] : [];
    const plainTimes = granularity && alsoPlain ? [{ alias: "v__at", member: "v.at", type: "time", values: time }] : [];
    const all = [...columns, ...times, ...plainTimes];
    const request: TransformRequest = {
      aliasToMemberNameMap: Object.fromEntries(all.map(({ alias, member }) => [alias, member])),
      annotation: Object.fromEntries([
        ...all.map(({ member, type }) => [member, { type }]),
        ...(granularity ? [["v.at", { type: "time" }]] : []),
      ]),
      query: {
        dimensions: [...columns.map(({ member }) => member), ...plainTimes.map(({ member }) => member)],
        timeDimensions: granularity ? [{ dimension: "v.at", granularity }] : [],
      },
      queryType: "regularQuery",
      resType,
    };
    return fc
      .array(fc.tuple(...all.map(({ values }) => values)), { minLength: count, maxLength: count })
      .map((rows) => ({
        request,
        rows: rows.map((cells) => Object.fromEntries(all.map(({ alias }, place) => [alias, cells[place]]))),
      }));
  });

describe("the stand-in for Cube's native part", () => {
  it("answers as the plain JavaScript of an older release does, for random answers", () => {
    fc.assert(
      fc.property(answers, ({ request, rows }) => {
        expect(ours(request, rows)).toEqual(theirs(request, rows));
      }),
      { seed, numRuns: 500 },
    );
  });

  const day = { "v.n": { type: "number" }, "v.at.day": { type: "time" }, "v.at": { type: "time" } };
  const aliases = { v__n: "v.n", v__at_day: "v.at.day" };
  const rows = [
    { v__n: "3", v__at_day: "2026-01-31T00:00:00.000" },
    { v__n: null, v__at_day: "2026-02-28T00:00:00.000" },
  ];

  it.each(["default", "compact"] as const)("compares two date ranges (%s)", (resType) => {
    const request: TransformRequest = {
      aliasToMemberNameMap: aliases,
      annotation: day,
      query: {
        dimensions: [],
        timeDimensions: [
          { dimension: "v.at", granularity: "day", dateRange: ["2026-01-01T00:00:00.000", "2026-02-28T23:59:59.999"] },
        ],
      },
      queryType: "compareDateRangeQuery",
      resType,
    };
    expect(ours(request, rows)).toEqual(theirs(request, rows));
  });

  it.each(["default", "compact"] as const)("blends queries by time (%s)", (resType) => {
    const request: TransformRequest = {
      aliasToMemberNameMap: aliases,
      annotation: day,
      query: { dimensions: [], timeDimensions: [{ dimension: "v.at", granularity: "day" }] },
      queryType: "blendingQuery",
      resType,
    };
    expect(ours(request, rows)).toEqual(theirs(request, rows));
  });

  it("gives columns when columns are asked for", () => {
    const request: TransformRequest = {
      aliasToMemberNameMap: aliases,
      annotation: day,
      query: { dimensions: ["v.at"], timeDimensions: [] },
      resType: "columnar",
    };
    expect(ours(request, rows)).toEqual({
      members: ["v.n", "v.at.day"],
      columns: [
        ["3", null],
        ["2026-01-31T00:00:00.000", "2026-02-28T00:00:00.000"],
      ],
    });
  });

  it("puts several granularities of one time under its bare name once, by the finest", () => {
    const request: TransformRequest = {
      aliasToMemberNameMap: { month: "v.at.month", day: "v.at.day" },
      annotation: { "v.at.month": { type: "time" }, "v.at.day": { type: "time" } },
      query: { dimensions: [], timeDimensions: [] },
    };
    expect(ours(request, [{ month: "2026-01-01T00:00:00.000", day: "2026-01-31T00:00:00.000" }])).toEqual([
      {
        "v.at.month": "2026-01-01T00:00:00.000",
        "v.at.day": "2026-01-31T00:00:00.000",
        "v.at": "2026-01-31T00:00:00.000",
      },
    ]);
  });

  it("refuses a hidden member, with rows and without", () => {
    const request: TransformRequest = {
      aliasToMemberNameMap: { v__secret: "v.secret" },
      annotation: {},
      query: { dimensions: ["v.secret"], timeDimensions: [] },
    };
    expect(() => ours(request, [{ v__secret: 1 }])).toThrow(/hidden member/);
    expect(() => theirs(request, [{ v__secret: 1 }])).toThrow(/hidden member/);
    expect(() => ours(request, [])).toThrow(/hidden member/);
  });

  it("keeps missing missing and numbers beyond 2^53 exact in the answer's bytes", async () => {
    const request: TransformRequest = {
      aliasToMemberNameMap: { v__n: "v.n" },
      annotation: { "v.n": { type: "number" } },
      query: { dimensions: ["v.n"] },
    };
    const raw = Buffer.from(JSON.stringify({ members: ["v__n"], columns: [[null, 0, "9007199254740993"]] }));
    const frame = { query: request.query, annotation: {}, total: null, external: false, slowQuery: false };
    const text = Buffer.from(await finalQueryResult(request, raw, frame)).toString();
    expect(JSON.parse(text)).toEqual({
      query: request.query,
      annotation: {},
      external: false,
      slowQuery: false,
      data: [{ "v.n": null }, { "v.n": 0 }, { "v.n": "9007199254740993" }],
    });
  });

  it("answers several queries in one, with the query by which they are laid side by side", async () => {
    const make = (name: string): TransformRequest => ({
      aliasToMemberNameMap: { [`v__${name}`]: `v.${name}`, at: "v.at.day" },
      annotation: { [`v.${name}`]: { type: "number" }, "v.at.day": { type: "time" }, "v.at": { type: "time" } },
      query: { measures: [`v.${name}`], dimensions: [], timeDimensions: [{ dimension: "v.at", granularity: "day" }] },
      queryType: "blendingQuery",
    });
    const requests = [make("a"), make("b")];
    const raw = ["a", "b"].map((name) =>
      Buffer.from(JSON.stringify({ members: [`v__${name}`, "at"], columns: [[1], ["2026-01-01T00:00:00.000"]] })),
    );
    const text = Buffer.from(
      await finalQueryResultMulti(requests, raw, {
        queryType: "blendingQuery",
        results: requests.map(({ query }) => ({ query, slowQuery: false })),
        slowQuery: false,
      }),
    ).toString();
    const answer = JSON.parse(text) as { results: { data: object[] }[]; pivotQuery: object };
    expect(answer.results.map(({ data }) => Object.keys(data[0] ?? {}))).toEqual([
      ["v.a", "v.at.day", "v.at", "time.day"],
      ["v.b", "v.at.day", "v.at", "time.day"],
    ]);
    expect(answer.pivotQuery).toMatchObject({
      measures: ["v.a", "v.b"],
      timeDimensions: [{ dimension: "time", granularity: "day" }],
      queryType: "blendingQuery",
    });
  });

  it("knows the installed version, steps aside where there is a binary, and starts with no other", () => {
    expect(findNative().version).toBe(knownVersion);
    expect(() => supplyNative({ folder: "/nowhere", version: "1.7.44" })).toThrow(/1\.7\.44/);
    expect(supplyNative()).toMatch(/stand-in|binary/);
    const module = requireFromCube("@cubejs-backend/native") as { redactSqlLiterals(sql: string): string };
    expect(module.redactSqlLiterals("select 'it''s' as a, 'b\\'c', 1")).toBe("select 'redacted' as a, 'redacted', 1");
  });
});
