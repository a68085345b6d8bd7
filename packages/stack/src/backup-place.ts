import { derivedSettings, type Plan } from "./environment.ts";
import { freePort } from "./ports.ts";
import { embeddedPostgres } from "./postgres.ts";
import { ensureRoles } from "./roles.ts";
import { runningPlan } from "./running.ts";
import { ensureSecrets } from "./secrets.ts";
import type { Checkout } from "./settings.ts";
import { endLeftovers, hasData, makeFolders, pathsIn, releaseLock, runningSupervisor, takeLock } from "./state.ts";

/** The database of this checkout, and what its parts would be told. */
export type BackupPlace = { plan: Plan; ownerUrl: string };

/** With a platform that runs; undefined when none does. */
export function runningPlace(checkout: Checkout): BackupPlace | undefined {
  const running = runningPlan(checkout);
  if (!running) return undefined;
  return { plan: running.plan, ownerUrl: derivedSettings(running.plan).OWNER_DATABASE_URL ?? "" };
}

/**
 * Works on the database of a platform that does not run, and keeps it from being started meanwhile. The embedded server is
 * started for the work, and made when there is none yet.
 * @throws Error when the platform runs
 */
export async function withStoppedPlatform<Result>(
  checkout: Checkout,
  work: (place: BackupPlace) => Promise<Result>,
): Promise<Result> {
  const paths = pathsIn(checkout.stateDir);
  makeFolders(paths);
  if (takeLock(paths)) throw new Error("系统正在运行，没有作任何更改。请先 npm stop (running: npm stop first)");
  try {
    await endLeftovers(paths);
    const secrets = ensureSecrets(paths.secrets, checkout.given, hasData(paths));
    const ports = { ENGINE_PORT: await freePort(), STREAM_PORT: await freePort(), POSTGRES_PORT: await freePort() };
    const plan: Plan = { checkout, secrets, ports, paths, url: "http://localhost" };
    const { OWNER_DATABASE_URL: ownerUrl = "", ADMIN_DATABASE_URL: adminUrl } = derivedSettings(plan);
    if (!adminUrl) return await work({ plan, ownerUrl });
    const server = await embeddedPostgres({
      dataDir: paths.postgres,
      port: ports.POSTGRES_PORT,
      password: secrets.POSTGRES_ADMIN_PASSWORD,
    });
    try {
      await ensureRoles(adminUrl, {
        owner: secrets.POSTGRES_OWNER_PASSWORD,
        app: secrets.POSTGRES_APP_PASSWORD,
        stream: secrets.POSTGRES_STREAM_PASSWORD,
        report: secrets.POSTGRES_REPORT_PASSWORD,
      });
      return await work({ plan, ownerUrl });
    } finally {
      await server.stop();
    }
  } finally {
    releaseLock(paths);
  }
}

/** Whether a platform of this checkout runs or is being started. */
export const isRunning = (checkout: Checkout): boolean => runningSupervisor(pathsIn(checkout.stateDir)) !== undefined;
