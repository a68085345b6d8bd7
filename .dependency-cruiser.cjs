const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const slices = JSON.parse(readFileSync(join(__dirname, "slices.json"), "utf8"));
delete slices.$comment;
const names = Object.keys(slices);
const inSlice = (name) => `^packages/trpc/src/${name}/`;

/** A slice sees the kernel, itself, and the slices that slices.json names for it. */
const sliceRules = names.map((name) => ({
  name: `slice-${name}`,
  comment: `packages/trpc/src/${name} may use: kernel${slices[name].map((other) => `, ${other}`).join("")} (slices.json)`,
  severity: "error",
  from: { path: inSlice(name), pathNot: "\\.test\\.ts$" },
  to: { path: "^packages/trpc/src/[^/]+/", pathNot: ["kernel", name, ...slices[name]].map(inSlice) },
}));

/** What others may use of a slice is in its index. */
const indexRules = names
  .filter((name) => name !== "kernel")
  .map((name) => ({
    name: `index-of-${name}`,
    severity: "error",
    from: { path: "^(packages|apps)/", pathNot: [inSlice(name), "\\.test\\.ts$", "^packages/trpc/test/"] },
    to: {
      path: inSlice(name),
      pathNot: [
        `${inSlice(name)}index\\.ts$`,
        `${inSlice(name)}([a-z.-]+\\.(schema|machine|rules|messages)|browser)\\.ts$`,
        "^packages/trpc/src/intake/",
      ],
    },
  }));

const edges = [
  [
    "rules-are-pure",
    "^packages/trpc/src/.*\\.rules\\.ts$",
    "^packages/(db|auth|clickhouse|stream)/|node_modules/(pg|@prisma)",
  ],
  [
    "ops-never-reads-clickhouse",
    "^(apps/ops|packages/trpc|packages/auth|packages/db)/",
    "^packages/(clickhouse|stream|engine)/|node_modules/@clickhouse",
  ],
  ["insights-has-no-operational-ui", "^apps/insights/", "^apps/ops/"],
  ["ops-has-no-analytics-ui", "^apps/ops/", "^apps/insights/"],
  ["the-stream-knows-nothing-of-people", "^packages/(stream|clickhouse|engine)/src/", "^packages/(auth|trpc)/|^apps/"],
  ["packages-do-not-import-apps", "^packages/", "^apps/"],
  ["ui-has-no-server-code", "^packages/ui/", "^packages/(db|auth|trpc|stream|clickhouse|engine|stack)/"],
];

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { pathNot: "generated", dependencyTypesNot: ["type-only"] } },
    },
    ...sliceRules,
    ...indexRules,
    ...edges.map(([name, from, to]) => ({
      name,
      severity: "error",
      from: { path: from, pathNot: "/(test|prove)/|\\.test\\.ts$|^packages/db/src/cdc/" },
      to: { path: to },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|generated|build|\\.next|\\.react-router|\\.tools|\\.xianfeng)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".cjs"],
    },
  },
};
