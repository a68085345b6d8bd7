import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { EngineError } from "./errors.ts";
import { Lz4Decoder } from "./lz4.ts";

const decoders: Record<string, () => Transform> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
  lz4: () => new Lz4Decoder(),
};

/** The sender went away before its body was complete. Nothing of it may land. */
export class Disconnected extends Error {
  override name = "Disconnected";
}

/** A request's body, decoded, read piece by piece: never more in memory than what was asked for. */
export class Body {
  readonly #request: IncomingMessage;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #decoder: Transform | undefined;

  /** @throws EngineError 89 for an encoding that this endpoint does not know. */
  constructor(request: IncomingMessage) {
    this.#request = request;
    const encoding = (request.headers["content-encoding"] ?? "").trim().toLowerCase();
    let source: Readable = request;
    if (encoding !== "" && encoding !== "identity") {
      const make = decoders[encoding];
      if (!make) {
        throw new EngineError(89, "UNKNOWN_COMPRESSION_METHOD", `Unknown compression method '${encoding}'`, 400);
      }
      const decoder = make();
      // Not `pipeline`: it would close the connection when the data is wrong, and the client would not learn why.
      request.pipe(decoder);
      request.once("close", () => {
        if (!request.complete) decoder.destroy(new Disconnected());
      });
      decoder.once("error", () => request.unpipe(decoder).resume());
      this.#decoder = decoder;
      source = decoder;
    }
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next piece, or undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    try {
      const { value, done } = await this.#chunks.next();
      if (!done) return value;
    } catch (error) {
      if (this.#decoder === undefined || error instanceof Disconnected) throw new Disconnected();
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError(271, "CANNOT_DECOMPRESS", `Cannot decompress the body of the request: ${reason}`, 400);
    }
    if (!this.#request.complete) throw new Disconnected();
    return undefined;
  }

  /** Reads until at least `bytes` are there or the body ends; `ended` says which. */
  async head(bytes: number): Promise<{ head: Buffer; ended: boolean }> {
    const parts: Buffer[] = [];
    let size = 0;
    for (;;) {
      const part = await this.next();
      if (!part) return { head: Buffer.concat(parts), ended: true };
      parts.push(part);
      size += part.length;
      if (size >= bytes) return { head: Buffer.concat(parts), ended: false };
    }
  }
}
