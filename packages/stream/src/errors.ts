/**
 * Something that only a person can mend. The stream stops reading, says so on its health page, and looks again every few seconds.
 * `message` says what is wrong and what to do.
 */
export class StopError extends Error {
  override name = "StopError";
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A table's shape moved under the reader: read the catalog again and go on from the last confirmed place. */
export class DriftError extends Error {
  override name = "DriftError";
}

/** A table was written anew after the snapshot that it was to be copied from: a newer snapshot shows it. */
export class RewrittenError extends DriftError {
  override name = "RewrittenError";
}

/** A transaction that had better be sent after its commit than while it runs: what it does cannot be decided on before it has ended. */
export class UnstreamableError extends Error {
  override name = "UnstreamableError";
}

/** Bytes that are no message of the protocol: nothing of them may become a row. */
export class MalformedError extends Error {
  override name = "MalformedError";
}

/** The reader is asked to end. */
export class Aborted extends Error {
  override name = "Aborted";
}

export const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message || error.name : String(error);
};
