/** Places at which a test may kill the process, each named after what has just happened. */
export type FailPoint = "claimed" | "accepted";

const wanted = process.env.XF_TEST === "1" ? process.env.XF_FAILPOINT : undefined;

/** Kills the process here, as a power cut would, when `XF_FAILPOINT` says so. */
export function failPoint(name: FailPoint): void {
  if (name === wanted) process.kill(process.pid, "SIGKILL");
}
