/** What the page last heard of the stream. `age`: ms since the stream knew that nothing was missing; `at`: the page's clock when it heard. */
export type Heard = { asOf: string | null; age: number; at: number };

/** Over this many ms the page says that its data are late. */
export const lateAfterMs = 30_000;

const isNewer = (one: string | null, other: string | null): boolean =>
  one !== null && (other === null || Date.parse(one) > Date.parse(other));

/** Whether rows newer than those shown have been announced. */
export const hasMoved = (shown: string | null, heard: Heard | null): boolean =>
  heard !== null && isNewer(heard.asOf, shown);

/**
 * For how many ms the figures have been late; null while they are not. Late is silence of the stream, or rows that were announced
 * and do not show.
 * @param shown commit time of the figures that are shown
 * @param openedAt the page's clock when it began to listen
 * @param movedAt the page's clock since when newer rows than those shown have been announced, null when those shown are the newest
 */
export function lateFor(
  { heard, shown }: { heard: Heard | null; shown: string | null },
  openedAt: number,
  movedAt: number | null,
  now: number,
): number | null {
  const silence = heard ? now - heard.at + heard.age : now - openedAt;
  const behind = movedAt === null ? 0 : Math.min(now - movedAt, distance(heard, shown, now));
  const late = Math.max(silence, behind);
  return late > lateAfterMs ? late : null;
}

// While changes come without end the newest one is never shown, but those shown are only a little older.
function distance(heard: Heard | null, shown: string | null, now: number): number {
  if (!heard?.asOf || !shown) return Number.POSITIVE_INFINITY;
  return Date.parse(heard.asOf) - Date.parse(shown) + now - heard.at;
}

/** One message of the event stream. Anything but times is not taken. */
export function readHeard(text: string, now: number): Heard | null {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said !== "object" || said === null) return null;
    const { asOf, age } = said as { asOf?: unknown; age?: unknown };
    if (typeof age !== "number" || !Number.isFinite(age) || age < 0) return null;
    return { asOf: typeof asOf === "string" && !Number.isNaN(Date.parse(asOf)) ? asOf : null, age, at: now };
  } catch {
    return null;
  }
}
