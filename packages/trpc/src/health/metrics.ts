import { type Db, inTenant } from "@xianfeng/db";
import { alarmLines, type Readings } from "@xianfeng/service/alarms";
import type { Platform } from "../kernel/index.ts";
import { readDatabase } from "./readings.ts";

/** What only the operational app can tell: disk, backup, mails and seals of all tenants, and the alarms made of them. */
export async function platformMetrics({ db, platform }: { db: Db; platform: Platform }): Promise<string> {
  const look = await platform.look();
  const tenants = await db.authUser.findMany({ distinct: ["tenantId"], select: { tenantId: true } });
  let [mail, sealing] = [0, 0];
  for (const { tenantId } of tenants) {
    const found = await inTenant(db, tenantId, (tx) => readDatabase(tx, tenantId));
    mail = Math.max(mail, found.mail.overdueSeconds);
    sealing = Math.max(sealing, found.sealing.waitingSeconds);
  }
  const { backup, reconcile, audit } = look.records;
  const backupAge = backup && (Date.now() - backup.at.getTime()) / 1000;
  const readings: Readings = {
    ...(look.dataDisk ? { dataDisk: look.dataDisk } : {}),
    mail: { overdueSeconds: mail },
    sealing: { waitingSeconds: sealing },
    backup: { ageSeconds: backupAge },
  };
  const gauges: [name: string, help: string, value: number | null | undefined][] = [
    ["data_disk_free_bytes", "Room on the disk of the data folder", look.dataDisk?.freeBytes],
    ["data_disk_bytes", "Size of that disk", look.dataDisk?.totalBytes],
    ["backup_age_seconds", "Since the last backup ended; missing when none was ever made", backupAge],
    ["mail_overdue_seconds", "How long the oldest mail that may go out has been due", mail],
    ["audit_unsealed_seconds", "Age of the oldest event of the trail without a seal", sealing],
    ["reconcile_equal", "1 when both sides were equal at the last comparison", reconcile && Number(reconcile.equal)],
    ["audit_fits", "1 when all seals fitted at the last check", audit && Number(audit.fits)],
  ];
  const lines = gauges
    .filter(([, , value]) => value !== null && value !== undefined)
    .map(
      ([name, help, value]) =>
        `# HELP xianfeng_${name} ${help}\n# TYPE xianfeng_${name} gauge\nxianfeng_${name} ${value}\n`,
    );
  return lines.join("") + alarmLines(readings, ["data_disk", "mail_stuck", "backup_old", "sealing_behind"]);
}
