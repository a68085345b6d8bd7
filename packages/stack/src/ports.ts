import { createServer } from "node:net";

/** Whether nobody listens on this port of the loopback address. */
export function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once("error", () => answer(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => answer(true)));
  });
}

/** A port that the system just called free. Another process may still take it before us: callers retry. */
export function freePort(host = "127.0.0.1"): Promise<number> {
  return new Promise((answer, refuse) => {
    const probe = createServer();
    probe.once("error", refuse);
    probe.listen({ port: 0, host }, () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? answer(address.port) : refuse(new Error("no port"))));
    });
  });
}
