const levels = { debug: 10, info: 20, warn: 30, error: 40 } as const;
type Level = keyof typeof levels;
export type Log = (level: Level, event: string, details?: Record<string, string | number>) => void;

/** One line of JSON per event on standard output. Details hold numbers of messages and codes; never names, addresses or words. */
export const createLog =
  (least: Level): Log =>
  (level, event, details) => {
    if (levels[level] < levels[least]) return;
    const line = { time: new Date().toISOString(), level, process: "mail", event, ...details };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };

export const silent: Log = () => undefined;
