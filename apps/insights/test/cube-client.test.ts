import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { CubeQueryError, createCubeClient, TooManyRows } from "../server/cube/client.ts";
import { Refusal } from "../server/refusal.ts";

/** Cube's protocol over a real socket: what it answers while it works, and when it or a part behind it is away. */
type Reply = (request: { body: string; token: string | undefined }, response: ServerResponse, count: number) => void;

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function cube(reply: Reply, patienceMs = 3_000) {
  const seen: { body: string; token: string | undefined }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const one = { body, token: request.headers.authorization };
    seen.push(one);
    reply(one, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  open.push(close);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { client: createCubeClient({ url, patienceMs }), seen, close };
}

const say = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

const row = z.object({ "view.id": z.string(), "view.score": z.union([z.null(), z.coerce.number()]) });
const query = { dimensions: ["view.id", "view.score"], limit: 3 };
const refusal = (kind: string) => expect.objectContaining({ name: "Refusal", kind });

describe("the Cube client", () => {
  it("asks again while Cube says to wait, with the same query", async () => {
    const { client, seen } = await cube((_, response, count) =>
      say(response, 200, count < 4 ? { error: "Continue wait" } : { data: [{ "view.id": "a", "view.score": "7" }] }),
    );
    expect(await client.load("token", query, row)).toEqual([{ "view.id": "a", "view.score": 7 }]);
    expect(seen).toHaveLength(4);
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1);
    expect(seen[0]?.token).toBe("token");
  });

  it("keeps a missing value missing", async () => {
    const { client } = await cube((_, response) =>
      say(response, 200, { data: [{ "view.id": "a", "view.score": null }] }),
    );
    expect(await client.load("token", query, row)).toEqual([{ "view.id": "a", "view.score": null }]);
  });

  it("asks for one row more than it takes, and fails loudly when it comes", async () => {
    const rows = (n: number) =>
      Array.from({ length: n }, (_, index) => ({ "view.id": String(index), "view.score": "1" }));
    const { client, seen } = await cube((_, response, count) =>
      say(response, 200, { data: rows(count === 1 ? 3 : 4) }),
    );
    expect(await client.load("token", query, row)).toHaveLength(3);
    await expect(client.load("token", query, row)).rejects.toThrow(TooManyRows);
    expect(JSON.parse(seen[0]?.body ?? "").query.limit).toBe(4);
  });

  it("never asks for more than Cube can answer, and takes a full answer for a cut one", async () => {
    const { client, seen } = await cube((_, response) => say(response, 200, { data: [] }));
    await client.load("token", { ...query, limit: 90_000 }, row);
    expect(JSON.parse(seen[0]?.body ?? "").query.limit).toBe(50_000);
  });

  it.each([401, 403])("takes %d for nothing to be found, like a row that is not there", async (status) => {
    const { client } = await cube((_, response) => say(response, status, { error: "Forbidden" }));
    await expect(client.load("token", query, row)).rejects.toEqual(refusal("not_found"));
  });

  it.each([
    [500, { error: "Internal" }],
    [502, "bad gateway"],
    [400, { error: "Error: connect ECONNREFUSED 127.0.0.1:8802" }],
    [400, { error: "Error: socket hang up" }],
  ])("takes %d %o for away", async (status, body) => {
    const { client } = await cube((_, response) => say(response, status, body));
    await expect(client.load("token", query, row)).rejects.toEqual(refusal("away"));
  });

  it("takes an answer that is not JSON for away", async () => {
    const { client } = await cube((_, response) => response.writeHead(200).end("<html>"));
    await expect(client.load("token", query, row)).rejects.toEqual(refusal("away"));
  });

  it("is not away when the query itself is wrong", async () => {
    const { client } = await cube((_, response) =>
      say(response, 400, { error: "'nope' not found for path 'view.nope'" }),
    );
    await expect(client.load("token", query, row)).rejects.toThrow(CubeQueryError);
  });

  it("gives up after its patience, also when Cube goes on asking to wait", async () => {
    const { client, seen } = await cube(
      (_, response) => setTimeout(() => say(response, 200, { error: "Continue wait" }), 50),
      400,
    );
    await expect(client.load("token", query, row)).rejects.toEqual(refusal("away"));
    expect(seen.length).toBeGreaterThan(1);
  });

  it("is away when nobody listens", async () => {
    const { client, close } = await cube((_, response) => say(response, 200, { data: [] }));
    close();
    await expect(client.load("token", query, row)).rejects.toEqual(refusal("away"));
  });

  it("refuses a row of another shape instead of passing it on", async () => {
    const { client } = await cube((_, response) => say(response, 200, { data: [{ "view.id": 7 }] }));
    const failure = await client.load("token", query, row).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(z.ZodError);
    expect(failure).not.toBeInstanceOf(Refusal);
  });
});
