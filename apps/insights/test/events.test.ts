import { createServer, get, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Pulse } from "@xianfeng/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEvents } from "../server/http/events.ts";
import { type Platform, startPlatform } from "./platform.ts";

/** The stream's event page as its protocol has it, with more in it than may reach a browser. */
let stream: Server;
const listeners = new Set<ServerResponse>();
const announce = (asOf: string) => {
  const event = { asOf, lsn: "0/1A2B", checkedAt: new Date().toISOString(), tables: ["person_status", "秘密"] };
  for (const response of listeners) response.write(`event: applied\ndata: ${JSON.stringify(event)}\n\n`);
};

let platform: Platform;
beforeAll(async () => {
  stream = createServer((request, response) => {
    if (request.url !== "/events") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("retry: 1000\n\n");
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
  });
  await new Promise<void>((resolve) => stream.listen(0, "127.0.0.1", resolve));
  platform = await startPlatform({ streamUrl: `http://127.0.0.1:${(stream.address() as AddressInfo).port}` });
});
afterAll(async () => {
  await platform?.close();
  stream.closeAllConnections();
  stream.close();
});

const until = async (what: () => boolean) => {
  const end = Date.now() + 10_000;
  while (!what()) {
    if (Date.now() > end) throw new Error("it did not happen within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Opens the event stream and collects what it says. */
async function follow(user: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${platform.url}/insights/events`, {
    headers: { cookie: platform.cookies[user] ?? "", ...headers },
    signal: abort.signal,
  });
  const heard = { text: "" };
  void (async () => {
    try {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) heard.text += chunk;
    } catch {
      // Ended by the test.
    }
  })();
  return { response, heard, stop: () => abort.abort() };
}

describe("the event stream", () => {
  it("says times and nothing else, the same to everybody", async () => {
    const [committee, member] = await Promise.all([follow("cheng"), follow("zheng")]);
    expect(committee.response.headers.get("content-type")).toContain("text/event-stream");
    await until(() => listeners.size === 1);
    announce("2026-11-22T01:02:03.004Z");
    await until(() => committee.heard.text.includes("01:02:03.004") && member.heard.text.includes("01:02:03.004"));
    for (const { heard } of [committee, member]) {
      const said = heard.text
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => JSON.parse(line.slice(5)));
      expect(said.length).toBeGreaterThan(0);
      for (const one of said) expect(Object.keys(one).sort()).toEqual(["age", "asOf"]);
      expect(heard.text).not.toMatch(/person_status|秘密|1A2B/);
    }
    committee.stop();
    member.stop();
    await until(() => listeners.size === 0);
  });

  it("goes quiet with the stream and comes back with it", async () => {
    const reader = await follow("cheng");
    await until(() => listeners.size === 1);
    for (const response of listeners) response.destroy();
    await until(() => listeners.size === 0);
    await until(() => listeners.size === 1);
    announce("2026-11-22T02:00:00.000Z");
    await until(() => reader.heard.text.includes("02:00:00.000"));
    reader.stop();
  });

  it.each([
    [{ origin: "https://evil.example" }, 404],
    [{ origin: "null" }, 404],
  ])("is not there for %o", async (headers, status) => {
    const { response, stop } = await follow("cheng", headers as Record<string, string>);
    expect(response.status).toBe(status);
    stop();
  });

  it("takes no topic and no place to go on from", async () => {
    const plain = await follow("zheng", { "last-event-id": "1; person/7" });
    const topic = await fetch(`${platform.url}/insights/events/branch/7`, {
      headers: { cookie: platform.cookies.zheng ?? "" },
      redirect: "manual",
    });
    expect([plain.response.status, topic.status]).toEqual([200, 404]);
    plain.stop();
  });

  it("does not open without end for one account", async () => {
    const all = await Promise.all(Array.from({ length: 14 }, () => follow("zhou")));
    const statuses = all.map(({ response }) => response.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(12);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    for (const one of all) one.stop();
    await until(() => listeners.size === 0);
  });

  it("keeps no place for a reader who left while the session was looked at", async () => {
    let ears = 0;
    const pulse: Pulse = {
      listen: () => {
        ears++;
        return () => {
          ears--;
        };
      },
      close: () => undefined,
    };
    const events = createEvents(pulse, "http://127.0.0.1");
    let asked = false;
    let opened = false;
    const server = createServer((request, response) => {
      asked = true;
      response.on("close", () => {
        events.open(request, response, "somebody");
        opened = true;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const reader = get({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, path: "/" });
    reader.on("error", () => undefined);
    await until(() => asked);
    reader.destroy();
    await until(() => opened);
    expect(ears).toBe(0);
    server.close();
  });
});
