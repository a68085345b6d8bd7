import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { type Heard, hasMoved, lateAfterMs, lateFor, readHeard } from "./freshness.ts";

type Live = { heard: Heard | null; openedAt: number | null };

const LiveContext = createContext<Live>({ heard: null, openedAt: null });

/** One stream of times for the whole page. The browser connects again by itself when it breaks. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [heard, setHeard] = useState<Heard | null>(null);
  const [openedAt, setOpenedAt] = useState<number | null>(null);
  useEffect(() => {
    setOpenedAt(Date.now());
    const source = new EventSource("/insights/events");
    source.onmessage = (message: MessageEvent<string>) => {
      const next = readHeard(message.data, Date.now());
      if (next) setHeard(next);
    };
    return () => source.close();
  }, []);
  const live = useMemo(() => ({ heard, openedAt }), [heard, openedAt]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** The newest commit time that the stream has announced; null before the first word. */
export const useAnnounced = (): string | null => useContext(LiveContext).heard?.asOf ?? null;

/** For how many ms figures as of `shown` have been late; null while they are not. Looks again no more often than every 30 s. */
export function useLate(shown: string | null): number | null {
  const { heard, openedAt } = useContext(LiveContext);
  // Without rows there is no time of theirs to be late.
  const moved = shown !== null && hasMoved(shown, heard);
  const [movedAt, setMovedAt] = useState<number | null>(null);
  const [now, setNow] = useState(0);
  useEffect(() => setMovedAt(moved ? Date.now() : null), [moved]);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), lateAfterMs);
    return () => clearInterval(timer);
  }, [heard, moved]);
  if (openedAt === null || now === 0) return null;
  return lateFor({ heard, shown }, openedAt, movedAt, now);
}
