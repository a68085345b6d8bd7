import { open } from "node:fs/promises";
import type { Answer } from "./answer.ts";
import { type Engine, literal, type ReadResult } from "./engine.ts";
import type { EngineError } from "./errors.ts";
import type { Files } from "./files.ts";
import type { Connection } from "./native.ts";
import type { RunningQuery } from "./running.ts";
import { untilCancelled } from "./running.ts";
import type { Statement } from "./statement.ts";

const utf8 = (latin1: string) => Buffer.from(latin1, "latin1").toString();

/** Bytes held back before the status is sent, so that an early failure is still an HTTP error. */
const heldBytes = 64 * 1024;

/** The statement with its answer sent to `path`. The path stands behind everything a user's SELECT may contain. */
function into(statement: Statement, path: string, format: string): string {
  const outfile = `\nINTO OUTFILE ${literal(path)} TRUNCATE`;
  if (!statement.format) return `${utf8(statement.text)}${outfile} FORMAT ${format}`;
  const { start } = statement.format;
  return `${utf8(statement.text.slice(0, start))}${outfile} ${utf8(statement.text.slice(start))}`;
}

export type Run = {
  engine: Engine;
  files: Files;
  connection: Connection;
  query: RunningQuery;
  statement: Statement;
  answer: Answer;
};

/**
 * A syntax error in the rewritten text shows the rewriting; the user's own text fails in the same way, without effect,
 * and with the message that a server gives.
 */
async function ownError(run: Run, error: EngineError): Promise<EngineError> {
  if (error.code !== 62) return error;
  return run.engine.read(run.connection, utf8(run.statement.text), "Null").then(
    () => error,
    (own: EngineError) => own,
  );
}

/** A line of the formats that report their progress between rows. */
async function progressLine(run: Run): Promise<Buffer | undefined> {
  const now = await run.engine.progress(run.query.tag);
  if (!now) return undefined;
  const progress = {
    read_rows: String(now.readRows),
    read_bytes: String(now.readBytes),
    total_rows_to_read: String(now.totalRows),
    elapsed_ns: String(Math.round(now.elapsed * 1e9)),
  };
  return Buffer.from(`${JSON.stringify({ progress })}\n`);
}

/**
 * Reads through a pipe: any format as it comes, never whole in memory, held back by a slow client. When the client has
 * gone the pipe is still read, into nothing: the engine must not wait in a write while it is asked to stop.
 */
export async function streamSelect(run: Run, format: string, done: () => Promise<void>): Promise<void> {
  const { engine, files, connection, query, statement, answer } = run;
  const pipe = await files.takePipe();
  const { reader, writerIsDone } = pipe.open();
  const closed = new Promise((resolve) => reader.once("close", resolve));
  let result: ReadResult | undefined;
  let failure: EngineError | undefined;
  const work = untilCancelled(engine, query, () => engine.read(connection, into(statement, pipe.path, format), format))
    .then(
      (value) => {
        result = value;
      },
      (error: EngineError) => {
        failure = error;
      },
    )
    .finally(writerIsDone);
  const reportsProgress = format.endsWith("EachRowWithProgress");
  let atLineStart = true;
  const held: Buffer[] = [];
  let size = 0;
  const commit = async () => {
    answer.commit(format, {
      readRows: result?.rowsRead,
      readBytes: result?.bytesRead,
      resultRows: result?.rowsRead,
      resultBytes: size,
      startedAt: query.startedAt,
    });
    for (const part of held.splice(0)) await answer.write(part);
  };
  try {
    for await (const part of reader as AsyncIterable<Buffer>) {
      if (reportsProgress) {
        if (!answer.committed) await commit();
        const line = atLineStart ? await progressLine(run) : undefined;
        if (line) await answer.write(line);
        atLineStart = part.at(-1) === 10;
      }
      if (answer.committed) await answer.write(part);
      else {
        held.push(part);
        size += part.length;
        if (size >= heldBytes) await commit();
      }
    }
  } finally {
    reader.destroy();
    await work;
    await closed;
    files.returnPipe(pipe);
  }
  if (failure) {
    const error = answer.committed ? failure : await ownError(run, failure);
    await done();
    throw error;
  }
  if (!answer.committed) await commit();
  await done();
  await answer.end();
}

/** Keeps the answer in a file until the query has ended: an exception is always a status of its own. */
export async function bufferedSelect(run: Run, format: string, done: () => Promise<void>): Promise<void> {
  const { engine, files, connection, query, statement, answer } = run;
  const path = files.path();
  try {
    let result: ReadResult;
    try {
      result = await untilCancelled(engine, query, () =>
        engine.read(connection, into(statement, path, format), format),
      );
    } catch (error) {
      throw await ownError(run, error as EngineError);
    }
    await done();
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      answer.commit(format, {
        readRows: result.rowsRead,
        readBytes: result.bytesRead,
        resultRows: result.rowsRead,
        resultBytes: size,
        startedAt: query.startedAt,
      });
      for await (const part of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
        await answer.write(part);
        if (answer.gone) break;
      }
    } finally {
      await file.close().catch(() => undefined);
    }
    await answer.end();
  } finally {
    await files.remove(path);
  }
}
