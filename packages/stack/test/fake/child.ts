// A child for the tests of the supervisor. Usage: node child.ts <port> <journal> <name> [option=value …]
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const [port = "0", journal = "", name = "", ...rest] = process.argv.slice(2);
const options = new Map(rest.map((text) => text.split("=") as [string, string]));
const note = (event: string) => appendFileSync(journal, `${name} ${event} ${process.pid}\n`);

note("start");
process.stdout.write(`${name}: hello\n`);

if (options.has("exit")) {
  process.stderr.write(`${name}: cannot work, reason ${options.get("exit")}\n`);
  process.exit(Number(options.get("exit")));
}
if (options.has("grandchild")) {
  const helper = spawn("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 1; done"], { stdio: "inherit" });
  appendFileSync(journal, `${name} grandchild ${helper.pid}\n`);
}

const server = createServer((request, answer) => {
  if (request.url === "/readyz") note("asked");
  if (request.url === "/die") process.exit(7);
  answer.end(JSON.stringify({ name, env: process.env }));
});
setTimeout(() => server.listen(Number(port), "127.0.0.1"), Number(options.get("slow") ?? 0));

process.on("SIGTERM", () => {
  note("term");
  if (!options.has("deaf")) setTimeout(() => process.exit(0), 100);
});
