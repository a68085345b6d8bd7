import { cockpit } from "./cockpit.ts";
import type { Page } from "./define.ts";
import { branch, meeting } from "./drill.ts";
import { ranking } from "./ranking.ts";
import { mine, myReport, report, reports } from "./reports.ts";
import { runs } from "./runs.ts";

/** Every page, by the name of its route file, with the one permission that opens it. */
export const pages = {
  branch,
  cockpit,
  meeting,
  ranking,
  runs,
  reports,
  report,
  mine,
  "my-report": myReport,
};

/** Routes that need a session but no permission: frame, start, the page that is not there, and the door to the named queries, each of which has its own. */
export const openRoutes = ["shell", "home", "missing", "q"] as const;

export type PageName = keyof typeof pages;
export type PageData<Name extends PageName> = (typeof pages)[Name] extends Page<infer Data> ? Data : never;
