const free: Buffer[] = [];
const keepFree = 6;
const firstSize = 64 * 1024;

/** Growing bytes of tab-separated lines. Buffers are used again, because those of a bulk load are large. */
export class Lines {
  buffer: Buffer = free.pop() ?? Buffer.allocUnsafeSlow(firstSize);
  length = 0;
  rows = 0;

  /** Makes room for so many more bytes. */
  reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    let size = this.buffer.length * 2;
    while (size < needed) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Gives the memory back. The lines may not be used after this. */
  release(): void {
    if (free.length < keepFree && this.buffer.length <= 64 * 1024 * 1024) free.push(this.buffer);
    this.buffer = Buffer.alloc(0);
    this.length = 0;
    this.rows = 0;
  }
}
