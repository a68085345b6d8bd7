import type { Plan } from "./environment.ts";
import { ensureSecrets } from "./secrets.ts";
import type { Checkout } from "./settings.ts";
import { pathsIn, readJson, runningSupervisor, type StackStatus } from "./state.ts";

/** What the running platform of this checkout was made from, and its state; undefined when nothing runs. */
export function runningPlan(checkout: Checkout): { plan: Plan; status: StackStatus } | undefined {
  const paths = pathsIn(checkout.stateDir);
  const supervisor = runningSupervisor(paths);
  const status = readJson<StackStatus>(paths.status);
  if (!supervisor || !status || status.supervisor.pid !== supervisor.pid) return undefined;
  const secrets = ensureSecrets(paths.secrets, checkout.given, true);
  return { plan: { checkout, secrets, ports: status.ports, paths, url: status.url }, status };
}
