import { listen, sendJson, sendMetrics } from "@xianfeng/service";
import type { Sender } from "./sender.ts";

/** `/healthz` (the process lives), `/readyz` (503 with the reason while mails cannot go out although they should), `/metrics`. */
export const startHealthServer = (sender: Sender, port: number) =>
  listen((request, response) => {
    const path = request.url?.split("?")[0];
    const present = { configured: sender.isConfigured, problem: sender.problem };
    if (path === "/healthz") sendJson(response, 200, present);
    else if (path === "/readyz") sendJson(response, sender.problem === null ? 200 : 503, present);
    else if (path === "/metrics") sendMetrics(response, metrics(sender));
    else sendJson(response, 404, { error: "not found" });
  }, port);

/** In Prometheus' text format. How long mails wait stands on the operational app's page, which sees them all. */
const metrics = (sender: Sender): string =>
  [
    "# HELP xianfeng_mail_configured 1 when a mail service is configured",
    "# TYPE xianfeng_mail_configured gauge",
    `xianfeng_mail_configured ${Number(sender.isConfigured)}`,
    "# HELP xianfeng_mail_ready 1 while mails can go out, or none are to",
    "# TYPE xianfeng_mail_ready gauge",
    `xianfeng_mail_ready ${Number(sender.problem === null)}`,
    "",
  ].join("\n");
