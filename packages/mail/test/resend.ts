import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the mail service does with a request. `cut`: takes the mail, then the connection breaks. `silent`: takes it and never answers. */
export type Behaviour = "take" | "cut" | "silent" | { status: number; name: string; retryAfter?: string };
export type Mail = { from: string; to: string; subject: string; text: string; html: string };

export const apiKey = "re_test_0123456789";

/**
 * A local endpoint that behaves as Resend documents: bearer key, JSON, errors as {statusCode, name, message}, and for 24 hours one mail for
 * each idempotency key; the same key with another content is a conflict.
 */
export async function startResend() {
  const requests: { key: string; mail: Mail; path: string }[] = [];
  const delivered = new Map<string, { id: string; mail: Mail }>();
  let next: Behaviour[] = [];
  let always: Behaviour = "take";

  const server = createServer(async (request, response) => {
    const mail = JSON.parse(await bodyOf(request)) as Mail;
    // Without a key every request is a mail of its own.
    const key = String(request.headers["idempotency-key"] ?? `none-${requests.length}`);
    if (request.headers.authorization !== `Bearer ${apiKey}`)
      return fail(response, 403, "invalid_api_key", "API key is invalid");
    requests.push({ key, mail, path: `${request.method} ${request.url}` });
    const behaviour = next.shift() ?? always;
    if (typeof behaviour === "object") {
      if (behaviour.retryAfter) response.setHeader("retry-after", behaviour.retryAfter);
      // The real one quotes what it refuses.
      return fail(response, behaviour.status, behaviour.name, `Invalid \`to\` field: ${mail.to} (${mail.subject})`);
    }
    const known = delivered.get(key);
    if (known && JSON.stringify(known.mail) !== JSON.stringify(mail))
      return fail(response, 409, "invalid_idempotent_request", "Used with another payload");
    const id = known?.id ?? `mail-${delivered.size + 1}`;
    delivered.set(key, { id, mail });
    if (behaviour === "cut") return void request.socket.destroy();
    if (behaviour === "silent") return;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every request with a good key, in order. */
    requests,
    /** What people find in their mailboxes. */
    mails: () => [...delivered.values()].map(({ mail }) => mail),
    /** Behaviour of the next requests; afterwards mails are taken again. */
    behave: (...behaviours: Behaviour[]) => {
      next = behaviours;
    },
    always: (behaviour: Behaviour) => {
      always = behaviour;
    },
    forget() {
      requests.length = 0;
      delivered.clear();
      next = [];
      always = "take";
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
export type TestResend = Awaited<ReturnType<typeof startResend>>;

const fail = (response: ServerResponse, statusCode: number, name: string, message: string) =>
  response
    .writeHead(statusCode, { "content-type": "application/json" })
    .end(JSON.stringify({ statusCode, name, message }));

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
