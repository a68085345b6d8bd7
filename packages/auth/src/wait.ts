import type { Db } from "@xianfeng/db";

/** Free tries before a wait begins. */
const freeTries = 4;

/** Milliseconds to wait after this many wrong passwords in a row: none, then 30 s, doubling up to 15 minutes. */
export const waitAfter = (failures: number): number =>
  failures <= freeTries ? 0 : Math.min(30_000 * 2 ** (failures - freeTries - 1), 15 * 60_000);

/** Until when this user name has to wait; null when it may try now. Kept for names that do not exist as well, so nothing shows which do. */
export async function waitsUntil(db: Db, username: string, now: Date): Promise<Date | null> {
  const row = await db.signInWait.findUnique({ where: { username } });
  return row?.blockedUntil && row.blockedUntil > now ? row.blockedUntil : null;
}

/** Counts a wrong password, whoever typed it and from wherever. @returns how many in a row, and the end of the wait. */
export async function countFailure(
  db: Db,
  username: string,
  now: Date,
): Promise<{ failures: number; until: Date | null }> {
  const { failures } = await db.signInWait.upsert({
    where: { username },
    create: { username, failures: 1 },
    update: { failures: { increment: 1 } },
  });
  const wait = waitAfter(failures);
  const until = wait > 0 ? new Date(now.getTime() + wait) : null;
  if (until) await db.signInWait.update({ where: { username }, data: { blockedUntil: until } });
  return { failures, until };
}

export const forgetFailures = (db: Db, username: string) => db.signInWait.deleteMany({ where: { username } });
