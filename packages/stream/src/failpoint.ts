/** Places at which a test may kill the process, each named after what has just happened. */
export type FailPoint = "decoded" | "batched" | "inserted" | "before_confirm" | "snapshot";

const [wanted, nth = "1"] = process.env.XF_TEST === "1" ? (process.env.XF_FAILPOINT ?? "").split(":") : [""];
let left = Number(nth);

/** Kills the process here, as a power cut would, when `XF_FAILPOINT=name` or `name:3` (the third time) says so. */
export function failPoint(name: FailPoint): void {
  if (name !== wanted) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}
