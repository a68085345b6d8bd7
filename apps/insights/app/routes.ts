import { index, layout, type RouteConfig, route } from "@react-router/dev/routes";

/** Every page and data route. Which permission each needs is said in server/pages; a test compares both. */
export default [
  route("q/:name", "routes/q.ts"),
  route("cockpit", "routes/cockpit.tsx"),
  layout("routes/shell.tsx", [
    index("routes/home.tsx"),
    route("ranking", "routes/ranking.tsx"),
    route("branches/:orgId", "routes/branch.tsx"),
    route("meetings/:meetingId", "routes/meeting.tsx"),
    route("runs", "routes/runs.tsx"),
    route("reports", "routes/reports.tsx"),
    route("reports/:runId", "routes/report.tsx"),
    route("mine", "routes/mine.tsx"),
    route("mine/:runId", "routes/my-report.tsx"),
    route("*", "routes/missing.tsx"),
  ]),
] satisfies RouteConfig;
