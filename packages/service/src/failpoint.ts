const [wanted, nth = "1"] = process.env.XF_TEST === "1" ? (process.env.XF_FAILPOINT ?? "").split(":") : [""];
let left = Number(nth);

/** Kills the process here, as a power cut would, when `XF_FAILPOINT=name` or `name:3` (the third time) says so. */
export function failPoint(name: string): void {
  if (name !== wanted) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}
