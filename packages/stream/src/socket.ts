import type { Socket } from "node:net";
import pg from "pg";
import { Aborted, MalformedError } from "./errors.ts";
import { parseLsn } from "./lsn.ts";

/** A connection string with the session settings under which values have one text form. */
export function sessionUrl(databaseUrl: string, name: string, replication = false): string {
  const url = new URL(databaseUrl);
  const options = `${url.searchParams.get("options") ?? ""} -c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601`;
  url.searchParams.set("options", options.trim());
  url.searchParams.set("application_name", name);
  if (replication) url.searchParams.set("replication", "database");
  return url.href;
}

/** The driver's socket, which it does not show. */
const socketOf = (client: pg.Client): Socket =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream;

/** Cuts a connection at once; what waits for an answer on it fails with this error. */
export const cut = (client: pg.Client, reason: string): void => void socketOf(client).destroy(new Error(reason));

/** Ends a connection, also one whose server does not answer any more. */
export async function endClient(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => cut(client, "closed"), 2_000);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

export type SystemIdentity = { systemIdentifier: string; timeline: number; walLsn: bigint; database: string };

/** An error that the server sent on the replication connection. */
export class ServerError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A replication connection before streaming: it answers the commands of the replication grammar. */
export class ReplicationConnection {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(databaseUrl: string): Promise<ReplicationConnection> {
    const client = new pg.Client({
      connectionString: sessionUrl(databaseUrl, "xianfeng-stream", true),
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    // Losing the server shows in the call that is waiting, or as the end of the stream.
    client.on("error", () => undefined);
    await client.connect();
    return new ReplicationConnection(client);
  }

  async identify(): Promise<SystemIdentity> {
    const { rows } = await this.#client.query("IDENTIFY_SYSTEM");
    const row = rows[0] as { systemid: string; timeline: number; xlogpos: string; dbname: string };
    return {
      systemIdentifier: row.systemid,
      timeline: Number(row.timeline),
      walLsn: parseLsn(row.xlogpos),
      database: row.dbname,
    };
  }

  /** Makes a slot and a snapshot of the database at exactly its place; the snapshot lives until the next command or the end. */
  async createSlot(slot: string, temporary: boolean): Promise<{ lsn: bigint; snapshot: string }> {
    const { rows } = await this.#client.query(
      `CREATE_REPLICATION_SLOT ${identifier(slot)} ${temporary ? "TEMPORARY " : ""}LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    const row = rows[0] as { consistent_point: string; snapshot_name: string };
    return { lsn: parseLsn(row.consistent_point), snapshot: row.snapshot_name };
  }

  /** Fails what waits for an answer. */
  cut(reason: string): void {
    cut(this.#client, reason);
  }

  close(): Promise<void> {
    return endClient(this.#client);
  }

  /**
   * Starts streaming. From here on the connection belongs to the returned reader.
   * @param whileItRuns large transactions are to be sent before they have ended
   */
  stream(slot: string, publication: string, handler: StreamHandler, whileItRuns: boolean): ReplicationStream {
    // The driver makes an object of every message. Its socket is signed in already; reading it ourselves costs a fifth.
    const names = `"${publication.replaceAll('"', '""')}"`.replaceAll("'", "''");
    const command = `START_REPLICATION SLOT ${identifier(slot)} LOGICAL 0/0 (${whileItRuns ? "proto_version '2', streaming 'on'" : "proto_version '1'"}, publication_names '${names}')`;
    return new ReplicationStream(socketOf(this.#client), command, handler);
  }
}

export type StreamHandler = {
  /** One pgoutput message, valid during the call only. */
  message(buffer: Buffer, start: number, end: number): void;
  /** The server has sent everything before this place. */
  keepalive(walEnd: bigint): void;
  /** A piece was read completely. */
  chunk(): void;
};

const smallRead = 32 * 1024;

/** Reads the copy stream with back-pressure: while paused, TCP holds the server back and nothing gathers here. */
export class ReplicationStream {
  readonly #socket: Socket;
  readonly #handler: StreamHandler;
  #rest: Buffer = Buffer.alloc(0);
  #paused = false;
  #lastSmallRead = 0;
  #confirmed = 0n;
  #ended = false;
  readonly #statusTimer: NodeJS.Timeout;
  #fail: (error: unknown) => void = () => undefined;
  /** Ends only by an error: the server's, the network's, the handler's, or `Aborted`. */
  readonly closed: Promise<never>;
  bytesRead = 0;

  constructor(socket: Socket, command: string, handler: StreamHandler) {
    this.#socket = socket;
    this.#handler = handler;
    this.closed = new Promise((_, reject) => {
      this.#fail = (error) => {
        if (this.#ended) return;
        this.#ended = true;
        clearInterval(this.#statusTimer);
        socket.destroy();
        reject(error);
      };
    });
    this.closed.catch(() => undefined);
    // The server gives up after a minute without news, also while we do not read.
    this.#statusTimer = setInterval(() => this.#sendStatus(false), 10_000);
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer) => this.#guarded(() => this.#read(chunk)));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("PostgreSQL closed the replication connection")));
    const body = Buffer.from(`${command}\0`);
    const head = Buffer.alloc(5);
    head[0] = 81;
    head.writeInt32BE(body.length + 4, 1);
    socket.write(Buffer.concat([head, body]));
    socket.resume();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Tells the server that everything before this place is safe. It may forget it then. */
  confirm(lsn: bigint): void {
    if (lsn > this.#confirmed) this.#confirmed = lsn;
    this.#sendStatus(false);
  }

  /** Asks for a keepalive, whose place says how far the server has sent. */
  ping(): void {
    this.#sendStatus(true);
  }

  close(reason: unknown = new Aborted("closed")): void {
    this.#fail(reason);
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendStatus(wantReply: boolean): void {
    if (this.#ended) return;
    const message = Buffer.alloc(39);
    message[0] = 100;
    message.writeInt32BE(38, 1);
    message[5] = 114;
    message.writeBigUInt64BE(this.#confirmed, 6);
    message.writeBigUInt64BE(this.#confirmed, 14);
    message.writeBigUInt64BE(this.#confirmed, 22);
    message.writeBigInt64BE(BigInt(Date.now() - Date.UTC(2000, 0, 1)) * 1000n, 30);
    message[38] = wantReply ? 1 : 0;
    this.#socket.write(message);
  }

  #read(chunk: Buffer): void {
    if (this.#ended) return;
    this.bytesRead += chunk.length;
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (buffer.length - at >= 5) {
      const length = buffer.readInt32BE(at + 1);
      if (length < 4) throw new MalformedError(`a message of ${length} bytes`);
      const end = at + 1 + length;
      if (end > buffer.length) break;
      if (buffer[at] === 100) this.#copyData(buffer, at + 5, end);
      else if (buffer[at] === 69) throw parseError(buffer, at + 5, end);
      else if (buffer[at] === 99) throw new Error("PostgreSQL ended the replication stream");
      at = end;
    }
    this.#rest = at === buffer.length ? Buffer.alloc(0) : Buffer.from(buffer.subarray(at));
    this.#handler.chunk();
    this.#gatherSmallReads(chunk.length);
  }

  // The server writes row by row. Under load, a pause of a millisecond lets reads grow and costs a fifth of the processor time.
  #gatherSmallReads(size: number): void {
    if (size >= smallRead || this.#paused) return;
    const now = performance.now();
    const isBusy = now - this.#lastSmallRead < 3;
    this.#lastSmallRead = now;
    if (!isBusy) return;
    this.#socket.pause();
    setTimeout(() => {
      this.#lastSmallRead = performance.now();
      if (!this.#paused && !this.#ended) this.#socket.resume();
    }, 1);
  }

  #copyData(buffer: Buffer, start: number, end: number): void {
    if (buffer[start] === 119) {
      if (end - start < 26) throw new MalformedError("a piece of the log without content");
      this.#handler.message(buffer, start + 25, end);
    } else if (buffer[start] === 107) {
      if (end - start < 18) throw new MalformedError("a keepalive that ends too early");
      const walEnd = buffer.readBigUInt64BE(start + 1);
      this.#handler.keepalive(walEnd);
      if (buffer[start + 17] === 1) this.#sendStatus(false);
    }
  }
}

function parseError(buffer: Buffer, start: number, end: number): ServerError {
  const fields = new Map(
    buffer
      .toString("utf8", start, end)
      .split("\0")
      .filter((field) => field !== "")
      .map((field) => [field[0], field.slice(1)]),
  );
  return new ServerError(fields.get("C") ?? "", fields.get("M") ?? "unknown error");
}
