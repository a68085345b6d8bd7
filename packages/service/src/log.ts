const levels = { debug: 10, info: 20, warn: 30, error: 40 } as const;
export type Level = keyof typeof levels;
export type Log = (level: Level, event: string, details?: Record<string, unknown>) => void;

/** One line of JSON per event on standard output. Details hold names of tables, codes and numbers; never values of rows, names or addresses. */
export const createLog =
  (process: string, least: Level): Log =>
  (level, event, details) => {
    if (levels[level] < levels[least]) return;
    const line = { time: new Date().toISOString(), level, process, event, ...details };
    globalThis.process.stdout.write(`${JSON.stringify(line)}\n`);
  };

export const silent: Log = () => undefined;
