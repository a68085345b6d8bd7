import { erasureRouter } from "./erasure/index.ts";
import { evaluationRouter } from "./evaluation/index.ts";
import { healthRouter } from "./health/index.ts";
import { createCallerFactory, router } from "./kernel/index.ts";
import { meRouter } from "./me/index.ts";
import { meetingRouter, myMeetingRouter } from "./meeting/index.ts";
import { memberRouter } from "./member/index.ts";
import { messageRouter } from "./message/index.ts";
import { orgRouter } from "./org/index.ts";
import { workbenchRouter } from "./workbench/index.ts";

/** Everything the apps may call. One line for each slice. */
export const appRouter = router({
  erasure: erasureRouter,
  evaluation: evaluationRouter,
  health: healthRouter,
  me: meRouter,
  meeting: meetingRouter,
  myMeeting: myMeetingRouter,
  member: memberRouter,
  message: messageRouter,
  org: orgRouter,
  workbench: workbenchRouter,
});

export type AppRouter = typeof appRouter;

/** Calls procedures inside the server, with the same permission check and transaction as a request. */
export const createCaller = createCallerFactory(appRouter);

export { createPlatform, type PlatformAddresses, platformMetrics } from "./health/index.ts";
export {
  DomainError,
  type ErrorKind,
  limits,
  type Platform,
  type RequestContext,
  type RunResult,
  type RunRows,
  type RunValue,
  type SealReader,
  takeTurn,
} from "./kernel/index.ts";
export { type Identity, readIdentity } from "./me/index.ts";
export { exchangeCode, ticketMinutes } from "./meeting/index.ts";
