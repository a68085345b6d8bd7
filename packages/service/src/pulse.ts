/** What the stream, or the refresher of the marts, last said. Nothing but times. */
export type Beat = {
  /** Commit time of the newest change that has arrived there, ISO 8601; null before the first. */
  asOf: string | null;
  /** When it last knew that nothing was missing, ISO 8601. */
  checkedAt: string;
};

export type Pulse = {
  /** Calls `hear` for each word and at once with the last one. Silence of the stream means that it is late. */
  listen(hear: (beat: Beat) => void): () => void;
  close(): void;
};

export type PulseOptions = {
  /** Base address of that process's own pages. */
  url: string;
  /** Pause before a broken connection is tried again. */
  againMs?: number;
};

/**
 * One connection to the events of a process for all who listen, held as long as anybody does. While the process does not answer
 * it stays quiet: who listens notices the silence himself.
 */
export function createPulse({ url, againMs = 1000 }: PulseOptions): Pulse {
  const ears = new Set<(beat: Beat) => void>();
  let last: Beat | null = null;
  let connection: AbortController | undefined;

  const follow = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        for await (const beat of beats(url, signal)) {
          last = beat;
          for (const hear of ears) hear(beat);
        }
      } catch {
        // Away or restarting; the next try tells.
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  };
  const hangUp = () => {
    connection?.abort();
    connection = undefined;
    // What was heard long ago would look like news to the next listener.
    last = null;
  };

  return {
    listen(hear) {
      ears.add(hear);
      if (last) hear(last);
      if (!connection) {
        connection = new AbortController();
        void follow(connection.signal);
      }
      return () => {
        ears.delete(hear);
        if (ears.size === 0) hangUp();
      };
    },
    close() {
      ears.clear();
      hangUp();
    },
  };
}

async function* beats(url: string, signal: AbortSignal): AsyncGenerator<Beat> {
  const response = await fetch(`${url}/events`, { signal, headers: { accept: "text/event-stream" } });
  if (!response.ok || !response.body) throw new Error(`The stream answered ${response.status}`);
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const beat = readBeat(block);
      if (beat) yield beat;
    }
  }
}

/** One block of server-sent events: only its times are taken, whatever else it says. */
export function readBeat(block: string): Beat | null {
  const line = block.split("\n").find((one) => one.startsWith("data:"));
  if (!line) return null;
  try {
    const said: unknown = JSON.parse(line.slice(5));
    if (typeof said !== "object" || said === null) return null;
    const { asOf, checkedAt } = said as { asOf?: unknown; checkedAt?: unknown };
    if (typeof checkedAt !== "string" || Number.isNaN(Date.parse(checkedAt))) return null;
    return { asOf: typeof asOf === "string" && !Number.isNaN(Date.parse(asOf)) ? asOf : null, checkedAt };
  } catch {
    return null;
  }
}
