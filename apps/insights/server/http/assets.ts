import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";

const types: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json; charset=utf-8",
};

/** Answers when the address is a file of the build; the list is read once, so no address can point anywhere else. */
export type Assets = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

export function createAssets(folder: string, base: string): Assets {
  const files = new Map<string, { file: string; size: number }>();
  const walk = (below: string) => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = `${below}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (types[extname(entry.name)])
        files.set(`${base}${path}`, { file: join(folder, path), size: statSync(join(folder, path)).size });
    }
  };
  if (existsSync(folder)) walk("");

  return (request, response, path) => {
    const found = files.get(path);
    if (!found) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return true;
    }
    const hashed = path.startsWith(`${base}/assets/`);
    response.writeHead(200, {
      "content-type": types[extname(found.file)] ?? "application/octet-stream",
      "content-length": found.size,
      // A hashed name never means anything else.
      "cache-control": hashed ? "public, max-age=31536000, immutable" : "public, max-age=3600",
      "x-content-type-options": "nosniff",
    });
    if (request.method === "HEAD") response.end();
    else
      createReadStream(found.file)
        .on("error", () => response.destroy())
        .pipe(response);
    return true;
  };
}
