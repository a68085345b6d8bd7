import { Transform, type TransformCallback } from "node:stream";

const magic = 0x184d2204;
const windowSize = 64 * 1024;

/** Expands one LZ4 block; `history` is what earlier blocks of the same frame ended with. */
export function expandBlock(block: Buffer, limit: number, history: Buffer = Buffer.alloc(0)): Buffer {
  let out = Buffer.allocUnsafe(Math.min(limit, Math.max(block.length * 4, 1024)) + history.length);
  history.copy(out);
  let to = history.length;
  const room = (bytes: number) => {
    if (to + bytes - history.length > limit) throw new Error("lz4: block is larger than its frame allows");
    if (to + bytes <= out.length) return;
    const larger = Buffer.allocUnsafe(Math.min(limit + history.length, Math.max(out.length * 2, to + bytes)));
    out.copy(larger, 0, 0, to);
    out = larger;
  };
  let at = 0;
  const byte = () => {
    const value = block[at];
    if (value === undefined) throw new Error("lz4: block is cut off");
    at += 1;
    return value;
  };
  const length = (start: number) => {
    let total = start;
    if (start !== 15) return total;
    for (;;) {
      const more = byte();
      total += more;
      if (more !== 255) return total;
    }
  };
  while (at < block.length) {
    const token = byte();
    const literals = length(token >> 4);
    if (at + literals > block.length) throw new Error("lz4: block is cut off");
    room(literals);
    block.copy(out, to, at, at + literals);
    at += literals;
    to += literals;
    if (at >= block.length) break;
    const offset = byte() | (byte() << 8);
    const match = length(token & 15) + 4;
    if (offset === 0 || offset > to) throw new Error("lz4: offset outside the window");
    room(match);
    if (offset >= match) {
      out.copy(out, to, to - offset, to - offset + match);
      to += match;
    } else {
      for (let i = 0; i < match; i += 1, to += 1) out[to] = out[to - offset] ?? 0;
    }
  }
  return out.subarray(history.length, to);
}

/** Decodes the LZ4 frame format. Checksums are skipped, not verified: TCP has its own, and a wrong row is refused by its format. */
export class Lz4Decoder extends Transform {
  #pending: Buffer = Buffer.alloc(0);
  #frame: { independent: boolean; blockSum: boolean; contentSum: boolean; limit: number } | undefined;
  #history: Buffer = Buffer.alloc(0);
  #started = false;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    try {
      this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
      while (this.#step());
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback) {
    done(this.#frame || this.#pending.length > 0 || !this.#started ? new Error("lz4: the frame is cut off") : null);
  }

  #take(bytes: number) {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }

  #step(): boolean {
    const { length } = this.#pending;
    if (!this.#frame) return length >= 7 && this.#readHeader();
    if (length < 4) return false;
    const word = this.#pending.readUInt32LE(0);
    if (word === 0) {
      const end = this.#frame.contentSum ? 8 : 4;
      if (length < end) return false;
      this.#take(end);
      this.#frame = undefined;
      this.#history = Buffer.alloc(0);
      return true;
    }
    const stored = word >= 0x80000000;
    const size = stored ? word - 0x80000000 : word;
    if (size > this.#frame.limit) throw new Error("lz4: block is larger than its frame allows");
    if (length < 4 + size + (this.#frame.blockSum ? 4 : 0)) return false;
    this.#take(4);
    const data = this.#take(size);
    if (this.#frame.blockSum) this.#take(4);
    const history = this.#frame.independent ? undefined : this.#history;
    const plain = stored ? Buffer.from(data) : expandBlock(data, this.#frame.limit, history);
    if (!this.#frame.independent) {
      this.#history = Buffer.concat([this.#history, plain]).subarray(-windowSize);
    }
    this.push(plain);
    return true;
  }

  #readHeader(): boolean {
    if (this.#pending.readUInt32LE(0) !== magic) throw new Error("lz4: not a frame");
    const flags = this.#pending[4] ?? 0;
    const descriptor = this.#pending[5] ?? 0;
    const size = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
    if (this.#pending.length < size) return false;
    this.#take(size);
    this.#started = true;
    this.#frame = {
      independent: (flags & 0x20) !== 0,
      blockSum: (flags & 0x10) !== 0,
      contentSum: (flags & 0x04) !== 0,
      limit: 1 << (8 + 2 * ((descriptor >> 4) & 7)),
    };
    return true;
  }
}
