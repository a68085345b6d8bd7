const [wanted, nth = "1", then = "kill"] =
  process.env.XF_TEST === "1" ? (process.env.XF_FAILPOINT ?? "").split(":") : [""];
let left = Number(nth);

/**
 * Kills the process here, as a power cut would, when `XF_FAILPOINT=name` or `name:3` (the third time) says so; with `name:3:freeze` it
 * stands still until SIGCONT.
 */
export function failPoint(name: string): void {
  if (name !== wanted) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, then === "freeze" ? "SIGSTOP" : "SIGKILL");
}
