import { connect, createServer, type Socket } from "node:net";

/** A way to the engine that counts what passes and can cut answers. Close it when the streams that use it have ended. */
export type CuttingProxy = {
  url: string;
  /** First lines of the inserts that came, e.g. "POST /?query=INSERT…", decoded. */
  inserts: string[];
  /** Answers that were cut after the engine had taken the request. */
  cuts: number;
  /** Answers to inserts that were held back. */
  lateAnswers: number;
  close(): Promise<void>;
};

/**
 * @param cut asked for each insert that comes: is its answer to be lost?
 * @param hold asked for each insert that comes: until when is it to be held back? Its sender may be gone by then.
 */
export async function startProxy(
  target: () => number,
  cut: (insert: number) => boolean = () => false,
  hold: (insert: string) => Promise<void> | undefined = () => undefined,
): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target(), "127.0.0.1");
    let cutNext = false;
    let passing = Promise.resolve();
    client.on("data", (data) => {
      const line = /^POST (\/\S*)/.exec(data.toString("latin1"))?.[1];
      const text = line === undefined ? data.toString("latin1") : decodeURIComponent(line.replaceAll("+", " "));
      if (/INSERT INTO/.test(text)) {
        proxy.inserts.push(text.slice(0, 300));
        cutNext = cut(proxy.inserts.length);
        const held = hold(text);
        if (held) {
          passing = held;
          upstream.once("data", () => {
            proxy.lateAnswers += 1;
          });
        }
      }
      passing = passing.then(() => void upstream.write(data));
    });
    upstream.on("data", (data) => {
      if (cutNext) {
        proxy.cuts += 1;
        client.destroy();
        upstream.destroy();
      } else client.write(data);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    inserts: [],
    cuts: 0,
    lateAnswers: 0,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of open) socket.destroy();
      }),
  };
  return proxy;
}

/** A way to the engine that holds the first wanted insert back, as if its sender had frozen in the middle of it. */
export async function startHoldingProxy(target: () => number, isWanted: (insert: string) => boolean) {
  const hold = Promise.withResolvers<void>();
  const held = { isHeld: false };
  const proxy = await startProxy(
    target,
    () => false,
    (insert) => {
      if (held.isHeld || !isWanted(insert)) return undefined;
      held.isHeld = true;
      return hold.promise;
    },
  );
  return { proxy, held, release: () => hold.resolve() };
}
