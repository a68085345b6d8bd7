import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createZstdCompress, createZstdDecompress } from "node:zlib";
import { z } from "zod";
import { sealedKeys } from "./backup-keys.ts";

/**
 * One file: `head`, the tables one after the other (COPY text, each compressed by zstd), the manifest (JSON), and a foot that
 * says how long the manifest is and what its hash is. The foot comes last: a file that was cut off has none.
 */
const head = Buffer.from("XIANFENG-BACKUP-1\n");
const foot = Buffer.from("XIANFENG-END-01\n");
const footBytes = 8 + 32 + foot.length;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const place = z.int().nonnegative();

const tablePart = z.strictObject({
  table: z.string(),
  columns: z.array(z.string()),
  rows: place,
  /** Of the COPY text, so that it can be compared with what a restored table says. */
  sha256: digest,
  at: place,
  length: place,
});

const manifest = z.strictObject({
  format: z.literal(1),
  takenAt: z.iso.datetime(),
  /** Applied when the snapshot was taken: the shape that the tables have. */
  migrations: z.array(z.strictObject({ name: z.string(), checksum: z.string() })),
  tables: z.array(tablePart),
  sequences: z.array(z.strictObject({ name: z.string(), last: z.string().regex(/^-?\d+$/), called: z.boolean() })),
  /** Tells whether a key is the one that the data were encrypted with, and nothing else about it. */
  keyChecks: z.strictObject({ DATA_KEY: digest, BLIND_INDEX_KEY: digest }),
  keys: sealedKeys.nullable(),
});

export type TablePart = z.infer<typeof tablePart>;
export type Manifest = z.infer<typeof manifest>;

/** What the sealed keys are bound to: everything else of the manifest, so that nobody without the passphrase can change it. */
export function boundTo({ keys: _, ...rest }: Manifest): Buffer {
  return createHash("sha256").update(JSON.stringify(rest)).digest();
}

/** The archive is not what was once written. */
export class DamagedArchive extends Error {
  constructor(what: string) {
    super(`备份文件不完整或已损坏，没有作任何更改。请换用另一份备份 (the archive is cut off or damaged): ${what}`);
  }
}

/** Counts rows and computes the hash of COPY text that passes through. In COPY text every line end is the end of a row. */
export function meter() {
  const hash = createHash("sha256");
  const measured = { rows: 0, sha256: "" };
  async function* through(source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      hash.update(piece);
      for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) measured.rows += 1;
      yield piece;
    }
    measured.sha256 = hash.digest("hex");
  }
  return { through, measured };
}

/** Writes beside the final name, which appears only when everything lies safely on the disk. */
export class ArchiveWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  #at = 0;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  static async create(path: string): Promise<ArchiveWriter> {
    // What an attempt that was killed has left.
    await rm(`${path}.part`, { force: true });
    const writer = new ArchiveWriter(await open(`${path}.part`, "wx", 0o600), path);
    await writer.#write(head);
    return writer;
  }

  async #write(piece: Buffer): Promise<void> {
    for (let done = 0; done < piece.length; )
      done += (await this.#file.write(piece, done, piece.length - done)).bytesWritten;
    this.#at += piece.length;
  }

  /** Compresses and appends; a piece at a time, never a whole table in memory. */
  async add(text: AsyncIterable<Buffer>): Promise<Pick<TablePart, "rows" | "sha256" | "at" | "length">> {
    const at = this.#at;
    const { through, measured } = meter();
    await pipeline(through(text), createZstdCompress(), async (packed: AsyncIterable<Buffer>) => {
      for await (const piece of packed) await this.#write(piece);
    });
    return { ...measured, at, length: this.#at - at };
  }

  async finish(about: Manifest): Promise<void> {
    const text = Buffer.from(JSON.stringify(manifest.parse(about)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    await this.#write(Buffer.concat([text, length, createHash("sha256").update(text).digest(), foot]));
    await this.#file.sync();
    await this.#file.close();
    await rename(`${this.#path}.part`, this.#path);
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(`${this.#path}.part`, { force: true });
  }
}

/** An archive whose manifest is whole. Tables are proved by `check`, or while they are read. */
export class Archive {
  readonly path: string;
  readonly manifest: Manifest;

  private constructor(path: string, about: Manifest) {
    this.path = path;
    this.manifest = about;
  }

  /** @throws DamagedArchive */
  static async open(path: string): Promise<Archive> {
    const file = await open(path, "r");
    try {
      return new Archive(path, await readManifest(file));
    } finally {
      await file.close();
    }
  }

  /** The COPY text of a table. @throws DamagedArchive at its end, when it is not what was written */
  async *text(part: TablePart): AsyncGenerator<Buffer> {
    if (part.length === 0) throw new DamagedArchive(part.table);
    const packed = createReadStream(this.path, { start: part.at, end: part.at + part.length - 1 });
    const { through, measured } = meter();
    const plain = createZstdDecompress();
    const failed = (error: Error) => plain.destroy(error);
    packed.on("error", failed).pipe(plain);
    try {
      yield* through(plain);
    } catch {
      throw new DamagedArchive(part.table);
    } finally {
      packed.destroy();
      plain.destroy();
    }
    if (measured.sha256 !== part.sha256 || measured.rows !== part.rows) throw new DamagedArchive(part.table);
  }

  /** Reads every table once. @throws DamagedArchive */
  async check(): Promise<void> {
    for (const part of this.manifest.tables) for await (const _ of this.text(part));
  }
}

async function readManifest(file: FileHandle): Promise<Manifest> {
  const { size } = await file.stat();
  const read = async (at: number, length: number) => {
    if (at < 0 || length < 0 || at + length > size) throw new DamagedArchive("没有结尾 (no end)");
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, at);
    return buffer;
  };
  if (!(await read(0, head.length)).equals(head)) throw new DamagedArchive("不是本系统的备份 (not a backup)");
  const end = await read(size - footBytes, footBytes);
  if (!end.subarray(40).equals(foot)) throw new DamagedArchive("没有结尾 (no end)");
  const length = Number(end.readBigUInt64LE(0));
  const text = await read(size - footBytes - length, length);
  if (!createHash("sha256").update(text).digest().equals(end.subarray(8, 40)))
    throw new DamagedArchive("清单 (manifest)");
  const known = manifest.safeParse(JSON.parse(text.toString("utf8")));
  if (!known.success)
    throw new Error("备份由更新的版本写成，请用同样新的版本恢复 (written by a newer version of this program)");
  return known.data;
}
