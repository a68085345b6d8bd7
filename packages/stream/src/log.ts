const levels = { debug: 10, info: 20, warn: 30, error: 40 } as const;
export type Level = keyof typeof levels;
export type Log = (level: Level, event: string, details?: Record<string, unknown>) => void;

/** One line of JSON per event on standard output. Details hold names of tables and places of the log, never values of rows. */
export const createLog =
  (least: Level): Log =>
  (level, event, details) => {
    if (levels[level] < levels[least]) return;
    process.stdout.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, process: "stream", event, ...details })}\n`,
    );
  };

export const silent: Log = () => undefined;
