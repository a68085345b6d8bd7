import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Transform, Writable } from "node:stream";
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress, constants as zlib } from "node:zlib";
import { type EngineError, statusOf, textOf } from "./errors.ts";

const encoders: [string, () => Transform][] = [
  ["zstd", () => createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 1 } })],
  ["gzip", () => createGzip({ level: 3 })],
  ["br", () => createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: 1 } })],
  ["deflate", () => createDeflate({ level: 3 })],
];

/** The encoding that the client accepts and this endpoint can write, the cheapest first. */
function encodingFor(request: IncomingMessage): [string, () => Transform] | undefined {
  const accepted = String(request.headers["accept-encoding"] ?? "")
    .split(",")
    .map((part) => part.split(";", 1)[0]?.trim().toLowerCase());
  return encoders.find(([name]) => accepted.includes(name));
}

const contentTypes: Record<string, string> = {
  TabSeparated: "text/tab-separated-values; charset=UTF-8",
  TSV: "text/tab-separated-values; charset=UTF-8",
  CSV: "text/csv; charset=UTF-8; header=absent",
  CSVWithNames: "text/csv; charset=UTF-8; header=present",
  CSVWithNamesAndTypes: "text/csv; charset=UTF-8; header=present",
  JSONEachRow: "application/x-ndjson; charset=UTF-8",
  JSONLines: "application/x-ndjson; charset=UTF-8",
  NDJSON: "application/x-ndjson; charset=UTF-8",
  XML: "application/xml; charset=UTF-8",
  Parquet: "application/octet-stream",
  Native: "application/octet-stream",
  Arrow: "application/octet-stream",
  ArrowStream: "application/octet-stream",
  RowBinary: "application/octet-stream",
  ORC: "application/octet-stream",
  Avro: "application/octet-stream",
  MsgPack: "application/octet-stream",
};

function contentTypeOf(format: string): string {
  const known = contentTypes[format];
  if (known) return known;
  if (format.startsWith("TabSeparated") || format.startsWith("TSV")) return "text/tab-separated-values; charset=UTF-8";
  if (format.startsWith("RowBinary")) return "application/octet-stream";
  if (format.startsWith("JSONCompactEachRow") || format.endsWith("EachRowWithProgress")) {
    return "application/x-ndjson; charset=UTF-8";
  }
  if (format.startsWith("JSON")) return "application/json; charset=UTF-8";
  return "text/plain; charset=UTF-8";
}

export type Summary = {
  readRows?: number;
  readBytes?: number;
  writtenRows?: number;
  writtenBytes?: number;
  resultRows?: number;
  resultBytes?: number;
  startedAt: number;
};

function summaryText(summary: Summary): string {
  const text = (value: number | undefined) => String(Math.round(value ?? 0));
  return JSON.stringify({
    read_rows: text(summary.readRows),
    read_bytes: text(summary.readBytes),
    written_rows: text(summary.writtenRows),
    written_bytes: text(summary.writtenBytes),
    total_rows_to_read: text(summary.readRows),
    result_rows: text(summary.resultRows),
    result_bytes: text(summary.resultBytes),
    elapsed_ns: text((performance.now() - summary.startedAt) * 1e6),
    memory_usage: "0",
  });
}

/** How long a client may leave the endpoint with data that it does not take. */
const stalledReaderMs = 120_000;

/** The answer to one request: headers once, then data, then either the end or an exception, early or late. */
export class Answer {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #version: string;
  readonly #tag = randomBytes(8).toString("hex");
  #sink: Writable | undefined;
  compress = false;
  /** What was sent last, for the query log. */
  summary: Summary | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, version: string) {
    this.#request = request;
    this.#response = response;
    this.#version = version;
    response.setHeader("X-ClickHouse-Server-Display-Name", "xianfeng-engine");
  }

  header(name: string, value: string | string[]): void {
    if (!this.#response.headersSent) this.#response.setHeader(name, value);
  }

  get committed(): boolean {
    return this.#sink !== undefined;
  }

  get gone(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** Sends the status and the headers; from here on an exception is a late one. */
  commit(format: string | undefined, summary: Summary): void {
    this.summary = summary;
    this.header("Content-Type", format ? contentTypeOf(format) : "text/plain; charset=UTF-8");
    if (format) this.header("X-ClickHouse-Format", format);
    this.header("X-ClickHouse-Summary", summaryText(summary));
    this.header("X-ClickHouse-Exception-Tag", this.#tag);
    this.#open(200);
  }

  #open(status: number): Writable {
    const encoding = this.compress ? encodingFor(this.#request) : undefined;
    if (encoding) this.header("Content-Encoding", encoding[0]);
    this.#response.statusCode = status;
    let sink: Writable = this.#response;
    if (encoding) {
      const encoder = encoding[1]();
      encoder.on("error", () => this.#response.destroy());
      this.#response.on("close", () => encoder.destroy());
      encoder.pipe(this.#response);
      sink = encoder;
    }
    this.#sink = sink;
    return sink;
  }

  /** Waits while the client is slower than the engine. Resolves at once when the client is gone. */
  async write(data: Buffer): Promise<void> {
    const sink = this.#sink;
    if (!sink || this.gone || sink.destroyed || sink.write(data)) return;
    const wait = new AbortController();
    const timer = setTimeout(() => this.#response.destroy(), stalledReaderMs);
    try {
      await Promise.race([
        once(sink, "drain", { signal: wait.signal }),
        once(this.#response, "close", { signal: wait.signal }),
      ]);
    } finally {
      clearTimeout(timer);
      wait.abort();
    }
  }

  async end(data?: Buffer): Promise<void> {
    if (data) await this.write(data);
    this.#sink?.end();
  }

  /** A whole body at once. */
  async send(body: Buffer, format: string | undefined, summary: Summary): Promise<void> {
    this.commit(format, summary);
    await this.end(body.length > 0 ? body : undefined);
  }

  /** An exception: a status of its own when nothing was sent yet, else the tagged trailer behind the partial data. */
  async fail(error: EngineError): Promise<void> {
    const text = textOf(error, this.#version);
    if (this.gone) return;
    if (!this.committed) {
      this.header("X-ClickHouse-Exception-Code", String(error.code));
      this.header("Content-Type", "text/plain; charset=UTF-8");
      if (!this.#request.complete) this.header("Connection", "close");
      const sink = this.#open(statusOf(error));
      sink.end(text);
      return;
    }
    const message = Buffer.from(text);
    const trailer = Buffer.concat([
      Buffer.from(`\r\n__exception__\r\n${this.#tag}\r\n`),
      message,
      Buffer.from(`${message.length} ${this.#tag}\r\n__exception__\r\n`),
    ]);
    await this.end(trailer);
  }
}
