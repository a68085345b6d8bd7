import { listen, sendJson } from "@xianfeng/service";
import type { Sender } from "./sender.ts";

/** `/healthz` (the process lives) and `/readyz` (503 with the reason while mails cannot go out although they should). */
export const startHealthServer = (sender: Sender, port: number) =>
  listen((request, response) => {
    const path = request.url?.split("?")[0];
    const present = { configured: sender.isConfigured, problem: sender.problem };
    if (path === "/healthz") sendJson(response, 200, present);
    else if (path === "/readyz") sendJson(response, sender.problem === null ? 200 : 503, present);
    else sendJson(response, 404, { error: "not found" });
  }, port);
