import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createFront, type FrontOptions } from "../src/front.ts";
import { freePort } from "../src/ports.ts";
import { until } from "../src/processes.ts";
import type { StackStatus } from "../src/state.ts";

type Handler = (request: IncomingMessage, answer: ServerResponse) => void;

async function listen(server: Server): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** An app that tells what it was asked. */
const telling =
  (name: string): Handler =>
  (asked, answer) => {
    answer.setHeader("x-powered-by", "something 1.2.3");
    answer.end(JSON.stringify({ app: name, url: asked.url, headers: asked.headers }));
  };

async function front(apps: { ops?: Handler; insights?: Handler }, more: Partial<FrontOptions> = {}): Promise<number> {
  return listen(
    createFront({
      opsPort: apps.ops ? await listen(createServer(apps.ops)) : await freePort(),
      insightsPort: apps.insights ? await listen(createServer(apps.insights)) : await freePort(),
      publicUrl: "http://localhost:8800",
      status: () => undefined,
      ...more,
    }),
  );
}

type Answer = { code: number; headers: Record<string, unknown>; text: string };

/** A bare client: `fetch` would not send some of these headers. */
function ask(port: number, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, refuse) => {
    const method = body === undefined ? "GET" : "POST";
    const outgoing = request({ port, host: "127.0.0.1", path, headers, method, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ code: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    outgoing.on("error", refuse);
    outgoing.end(body);
  });
}

test.each([
  ["/", "ops"],
  ["/meetings?page=2", "ops"],
  ["/insights", "insights"],
  ["/insights?x=1", "insights"],
  ["/insights/reports/1?tab=rank", "insights"],
  ["/insights.data?_routes=root", "insights"],
  ["/insights-of-others", "ops"],
  ["/m/insights", "ops"],
  ["/INSIGHTS", "ops"],
])("%s goes to %s, unchanged", async (path, app) => {
  const port = await front({ ops: telling("ops"), insights: telling("insights") });
  expect(JSON.parse((await ask(port, path)).text)).toMatchObject({ app, url: path });
});

test.each(["/api/cube", "/api/cube/v1/load?query={}", "/cubejs-api/v1/load"])(
  "%s: Cube is not open to the outside",
  async (path) => {
    const { asked, port } = await counting();
    expect((await ask(port, path)).code).toBe(404);
    expect(asked).toEqual([]);
  },
);

test.each(["/metrics", "/metrics?x=1", "/metrics/", "/%6Detrics", "/insights/metrics"])(
  "%s: numbers for monitoring are not let out",
  async (path) => {
    const { asked, port } = await counting();
    expect((await ask(port, path)).code).toBe(404);
    expect(asked).toEqual([]);
  },
);

test("headers by which the frameworks talk to themselves do not come in from outside; others do", async () => {
  const port = await front({ ops: telling("ops") });
  const evil = {
    "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy",
    "X-Middleware-Rewrite": "https://evil.example/",
    "x-middleware-set-cookie": "a=b",
    "x-nextjs-data": "1",
    "x-invoke-path": "/admin",
    "x-matched-path": "/admin",
    "x-now-route-matches": "1",
    "x-prerender-revalidate": "1",
    "x-react-router-spa-mode": "yes",
    "x-react-router-prerender-data": "[]",
    "x-forwarded-user": "secretary",
    "x-forwarded-prefix": "/evil",
    forwarded: "for=1.2.3.4",
    "x-real-ip": "1.2.3.4",
    te: "trailers",
    "x-secret-hop": "1",
    connection: "close, X-Secret-Hop",
  };
  const kept = { rsc: "1", "next-action": "abc", "next-router-state-tree": "t", cookie: "s=1", "x-trpc-source": "web" };
  const { headers } = JSON.parse((await ask(port, "/", { ...evil, ...kept })).text) as {
    headers: Record<string, string>;
  };
  expect(headers).toMatchObject(kept);
  const through = Object.keys(evil).filter((name) => name.toLowerCase() in headers && name !== "connection");
  expect(through).toEqual([]);
});

test("who asked is set by the front; a client cannot claim another address", async () => {
  const claim = {
    "x-forwarded-for": "6.6.6.6, 7.7.7.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
  };
  const plain = await front({ ops: telling("ops") });
  expect(JSON.parse((await ask(plain, "/", { ...claim, host: "localhost:8800" })).text).headers).toMatchObject({
    host: "localhost:8800",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-host": "localhost:8800",
  });
  const behind = await front(
    { ops: telling("ops") },
    { trustedProxy: "127.0.0.1", publicUrl: "https://dj.example.edu.cn" },
  );
  expect(JSON.parse((await ask(behind, "/", claim)).text).headers).toMatchObject({
    "x-forwarded-for": "7.7.7.7",
    "x-forwarded-proto": "https",
  });
});

test("answers carry the basic protections, an app's own choice stays, and its make is not told", async () => {
  const port = await front(
    {
      ops: telling("ops"),
      insights: (_request, answer) => {
        answer.setHeader("content-security-policy", "default-src 'self'; frame-ancestors 'self'");
        answer.setHeader("set-cookie", ["a=1", "b=2"]);
        answer.end();
      },
    },
    { publicUrl: "https://dj.example.edu.cn" },
  );
  const plain = await ask(port, "/");
  expect(plain.headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
  });
  expect(plain.headers["x-powered-by"]).toBeUndefined();
  const own = await ask(port, "/insights");
  expect(own.headers["content-security-policy"]).toBe("default-src 'self'; frame-ancestors 'self'");
  expect(own.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
});

test("an event stream arrives event by event, and a client that leaves ends it in the app", async () => {
  let send: (text: string) => void = () => {};
  let left = false;
  const port = await front({
    ops: (_request, answer) => {
      answer.writeHead(200, { "content-type": "text/event-stream" });
      answer.flushHeaders();
      send = (text) => answer.write(`data: ${text}\n\n`);
      answer.on("close", () => {
        left = true;
      });
    },
  });
  const leave = new AbortController();
  // Headers must come before the first event, else this waits for ever.
  const stream = await fetch(`http://127.0.0.1:${port}/events`, { signal: leave.signal });
  expect(stream.headers.get("content-type")).toBe("text/event-stream");
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (const text of ["一", "二"]) {
    send(text);
    expect((await reader?.read())?.value).toBe(`data: ${text}\n\n`);
  }
  expect(left).toBe(false);
  leave.abort();
  expect(await until(() => left, 3_000)).toBe(true);
});

test("a large body flows in both directions without being held", async () => {
  const port = await front(
    {
      ops: (asked, answer) => {
        let bytes = 0;
        asked.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (!answer.write(chunk)) {
            asked.pause();
            answer.once("drain", () => asked.resume());
          }
        });
        asked.on("end", () => answer.end(`\n${bytes}`));
      },
    },
    { longestBody: 20_000_000 },
  );
  const body = "党".repeat(4_000_000);
  const before = process.memoryUsage().rss;
  const { text } = await ask(port, "/upload", { "content-type": "text/plain" }, body);
  expect(text.endsWith(`\n${Buffer.byteLength(body)}`)).toBe(true);
  expect(text.length).toBe(body.length + 1 + String(Buffer.byteLength(body)).length);
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
});

test("an app that is not up: a page in Chinese for people, JSON for programs", async () => {
  const port = await front({});
  const page = await ask(port, "/meetings", { accept: "text/html,*/*" });
  expect(page.code).toBe(503);
  expect(page.headers["retry-after"]).toBe("5");
  expect(page.headers["cache-control"]).toBe("no-store");
  expect(page.text).toContain('lang="zh-CN"');
  expect(page.text).toContain("系统正在启动");
  const call = await ask(port, "/api/trpc/meeting.list", { accept: "application/json" });
  expect(call.code).toBe(503);
  expect(JSON.parse(call.text)).toMatchObject({ error: expect.stringContaining("请稍后再试") });
});

test("an app that dies in the middle of an answer breaks the connection: a part is never taken for the whole", async () => {
  const port = await front({
    ops: (_request, answer) => {
      answer.writeHead(200, { "content-type": "text/plain" });
      answer.write("half");
      setTimeout(() => answer.destroy(), 50);
    },
  });
  await expect(fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text())).rejects.toThrow();
});

test("an idle connection that the app closed is replaced for a reading request, and only for that", async () => {
  let connections = 0;
  let closeNext = false;
  const app = createTcpServer((socket) => {
    connections += 1;
    socket.on("error", () => {});
    socket.on("data", () => {
      // The request meets a connection that the app has just given up.
      if (closeNext) socket.resetAndDestroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      closeNext = false;
    });
  });
  const opsPort = await new Promise<number>((ready) =>
    app.listen(0, "127.0.0.1", () => ready((app.address() as AddressInfo).port)),
  );
  onTestFinished(() => void app.close());
  const port = await front({}, { opsPort });
  expect((await ask(port, "/")).code).toBe(200);
  closeNext = true;
  expect((await ask(port, "/")).code).toBe(200);
  expect(connections).toBe(2);
  closeNext = true;
  expect((await ask(port, "/", {}, "{}")).code).toBe(503);
});

const status = (state: StackStatus["state"], parts: Record<string, string>) => () =>
  ({ state, parts: Object.entries(parts).map(([name, value]) => ({ name, state: value })) }) as StackStatus;

test.each([
  ["all is ready", status("ready", { postgres: "ready", ops: "ready", cube: "ready" }), 200, 200],
  ["the analytics side is down", status("unhealthy", { postgres: "ready", ops: "ready", cube: "failing" }), 200, 503],
  [
    "the operational app is down",
    status("degraded", { postgres: "ready", ops: "restarting", cube: "ready" }),
    503,
    503,
  ],
  ["nothing is known", () => undefined, 503, 503],
])("health when %s", async (_case, known, healthz, readyz) => {
  const port = await front({}, { status: known });
  const health = await ask(port, "/healthz");
  expect(health.code).toBe(healthz);
  expect((await ask(port, "/readyz")).code).toBe(readyz);
  const parts = known()?.parts ?? [];
  expect(JSON.parse(health.text).parts).toEqual(Object.fromEntries(parts.map((part) => [part.name, part.state])));
});

test("an upgrade is refused instead of hanging", async () => {
  const port = await front({ ops: telling("ops") });
  const code = await new Promise((resolve, refuse) => {
    const asking = request({ port, host: "127.0.0.1", headers: { connection: "Upgrade", upgrade: "websocket" } });
    asking.on("response", (answer) => resolve(answer.statusCode));
    asking.on("error", refuse);
    asking.end();
  });
  expect(code).toBe(501);
});

/** Bytes as they are, without a client that would mend them. @returns the answer's first line and everything else */
function send(port: number, text: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve, refuse) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let said = "";
    socket.setEncoding("utf8");
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${JSON.stringify(text.slice(0, 80))}`)));
    socket.on("data", (chunk: string) => {
      said += chunk;
    });
    socket.on("error", (error) => (said ? undefined : refuse(error)));
    socket.on("close", () => resolve({ code: Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 0), text: said }));
  });
}
const line = (first: string, ...headers: string[]) =>
  `${[`${first} HTTP/1.1`, "host: localhost", "connection: close", ...headers].join("\r\n")}\r\n\r\n`;

/** A front whose apps count what reaches them. */
async function counting(more: Partial<FrontOptions> = {}) {
  const asked: string[] = [];
  const count: Handler = (request, answer) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    answer.end("answered");
  };
  return { asked, port: await front({ ops: count, insights: count }, more) };
}

test.each([
  ["an absolute address", "GET http://evil.example/", 400],
  ["an authority", "GET //evil.example/x", 400],
  ["a star", "GET *", 400],
  ["steps upwards", "GET /insights/assets/../../server.ts", 400],
  ["steps upwards, encoded", "GET /insights/assets/%2e%2e/%2E%2E/server.ts", 400],
  ["steps upwards with an encoded slash", "GET /_next/static/..%2f..%2fpackage.json", 400],
  ["steps upwards, encoded twice", "GET /_next/static/%252e%252e/%252e%252e/x", 400],
  ["backslashes", "GET /insights\\..\\x", 400],
  ["encoded backslashes", "GET /insights%5c..%5cx", 400],
  ["a zero byte in the path", "GET /members/%00", 400],
  ["a zero byte in the query", "GET /members?q=%00", 400],
  ["a line break in the path", "GET /sign-in%0d%0aset-cookie:%20a=b", 400],
  ["escapes that are none", "GET /members/%E0%A4%A", 400],
  ["an address without end", `GET /members?q=${"a".repeat(9_000)}`, 414],
  ["PUT", "PUT /api/trpc/member.list", 405],
  ["DELETE", "DELETE /members/1", 405],
  ["PATCH", "PATCH /", 405],
  ["OPTIONS", "OPTIONS /api/trpc/member.list", 405],
  ["TRACE", "TRACE /", 405],
  ["a method that nobody knows", "FETCH /", 400],
])("%s goes no further than the front", async (_what, first, code) => {
  const { asked, port } = await counting();
  const answer = await send(port, line(first));
  expect([answer.code, asked]).toEqual([code, []]);
  expect(answer.text).not.toMatch(/set-cookie|evil\.example/i);
});

test.each([
  ["headers without end", line("GET /", `x-long: ${"a".repeat(40_000)}`), 431],
  ["two lengths", `${line("POST /", "content-length: 1", "content-length: 2")}x`, 400],
  ["a length and chunks", `${line("POST /", "content-length: 4", "transfer-encoding: chunked")}0\r\n\r\n`, 400],
  ["a line break inside a header", line("GET /", "x-a: 1\nset-cookie: a=b\0"), 400],
  ["a zero byte in a header", line("GET /", "cookie: a=\0b"), 400],
  ["no host", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 400],
  ["no HTTP at all", "\x16\x03\x01 nonsense\r\n\r\n", 400],
])("%s: refused by the parser, unseen by the apps", async (_what, text, code) => {
  const { asked, port } = await counting();
  expect([(await send(port, text)).code, asked]).toEqual([code, []]);
});

test("a body that is too long is refused by its length before any of it is read, and by what really comes", async () => {
  const { asked, port } = await counting({ longestBody: 1_000 });
  const declared = await send(port, line("POST /api/trpc/member.list", "content-length: 1001"));
  expect([declared.code, asked]).toEqual([413, []]);
  const chunk = `3e8\r\n${"a".repeat(1_000)}\r\n`;
  expect((await ask(port, "/upload", { "transfer-encoding": "chunked" }, "a".repeat(50_000))).code).toBe(413);
  expect((await send(port, `${line("POST /upload", "transfer-encoding: chunked")}${chunk}0\r\n\r\n`)).code).toBe(200);
  expect(JSON.parse((await ask(port, "/x", { "content-length": "2000" }, "a".repeat(2_000))).text).message).toMatch(
    /过长/,
  );
});

test("somebody who still sends what was refused reads why, however much it is and whichever way it comes", async () => {
  const patient: Handler = (request, answer) => request.resume().on("end", () => answer.end("answered"));
  const port = await front({ ops: patient });
  const much = "a".repeat(20_000_000);
  for (let round = 0; round < 5; round++)
    for (const [name, value] of [
      ["content-length", String(much.length)],
      ["transfer-encoding", "chunked"],
    ] as const)
      expect(await ask(port, "/evaluation/upload", { [name]: value }, much)).toMatchObject({
        code: 413,
        text: expect.stringContaining("过长"),
      });
});

test("ordinary addresses of both apps pass: encoded Chinese, brackets of chunks, colons, dots", async () => {
  const { asked, port } = await counting();
  const addresses = [
    "/members?q=%E7%8E%8B%0A",
    "/_next/static/chunks/%5Broot-of-the-server%5D__0a..js",
    "/_next/static/chunks/app/(console)/meetings/%5Bid%5D/page.js",
    "/insights/reports/1?tab=a%2Fb&next=/x/../y",
    "/insights/.data",
    "/m/meetings/%E4%BC%9A",
  ];
  for (const address of addresses) expect([address, (await ask(port, address)).code]).toEqual([address, 200]);
  expect(asked).toHaveLength(addresses.length);
});

test("the front's own answers run nothing and are kept by nobody", async () => {
  const { port } = await counting();
  const down = await front({});
  for (const answer of [
    await ask(port, "/a/%2e%2e/b"),
    await ask(port, "/api/cube/v1/load"),
    await ask(down, "/", { accept: "text/html" }),
    await ask(down, "/", { accept: "application/json" }),
  ]) {
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(answer.headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    expect(answer.text).not.toContain("<script");
  }
});
