import type { IncomingMessage, ServerResponse } from "node:http";
import type { Beat, Pulse } from "@xianfeng/service";
import { isSameOrigin } from "./guard.ts";

/** Words go out at least this often, so that a page can tell "nothing moved" from "nothing comes any more". */
const breathMs = 10_000;
/** After this long the browser connects again, and the session is looked at again. */
const longestMs = 10 * 60_000;
const mostPerPrincipal = 12;

export type Events = {
  open(request: IncomingMessage, response: ServerResponse, principalId: string): void;
  close(): void;
};

/** One stream of times for every open page. There are no topics, and nothing in it depends on who listens. */
export function createEvents(pulse: Pulse, appUrl: string): Events {
  const open = new Map<string, Set<ServerResponse>>();

  return {
    open(request, response, principalId) {
      const origin = request.headers.origin ?? null;
      if (origin !== null && !isSameOrigin(origin, request.headers.host ?? null, appUrl))
        return void response.writeHead(404, { "cache-control": "no-store" }).end();
      // Gone while the session was looked at: nobody would end this stream, and it would keep a place.
      if (response.destroyed || request.socket.destroyed) return;
      if (request.method !== "GET") return void response.writeHead(405, { allow: "GET" }).end();
      const mine = open.get(principalId) ?? new Set();
      if (mine.size >= mostPerPrincipal) return void response.writeHead(429, { "retry-after": "30" }).end();
      open.set(principalId, mine.add(response));

      response.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
      });
      response.write("retry: 3000\n\n");
      let said: string | null = null;
      let saidAt = 0;
      const say = (beat: Beat) => {
        if (beat.asOf === said && Date.now() - saidAt < breathMs) return;
        [said, saidAt] = [beat.asOf, Date.now()];
        // An age instead of a time: the reader's clock may be wrong.
        const age = Math.max(0, Date.now() - Date.parse(beat.checkedAt));
        response.write(`data: ${JSON.stringify({ asOf: beat.asOf, age })}\n\n`);
      };
      const stop = pulse.listen(say);
      const end = setTimeout(() => response.end(), longestMs);
      end.unref();
      response.on("close", () => {
        stop();
        clearTimeout(end);
        mine.delete(response);
        if (mine.size === 0) open.delete(principalId);
      });
    },
    close() {
      for (const responses of open.values()) for (const response of responses) response.end();
    },
  };
}
