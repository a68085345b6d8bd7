import { inflateRaw } from "node:zlib";

/** One file of a zip as its directory describes it; nothing of it is unpacked yet. */
export type Part = { name: string; size: number; packed: Uint8Array; deflated: boolean; locked: boolean };

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localHeader = 0x04034b50;

/** The directory of a zip, without unpacking anything. @returns null when the file is no zip or its end is missing */
export function readDirectory(zip: Uint8Array): Part[] | null {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== endOfDirectory) end--;
  if (end < 0) return null;
  const parts: Part[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + 46 > zip.byteLength || view.getUint32(at, true) !== directoryEntry) return null;
    const nameLength = view.getUint16(at + 28, true);
    const packed = packedBytes(zip, view, view.getUint32(at + 42, true), view.getUint32(at + 20, true));
    if (!packed) return null;
    parts.push({
      name: Buffer.from(zip.subarray(at + 46, at + 46 + nameLength)).toString("utf8"),
      size: view.getUint32(at + 24, true),
      packed,
      deflated: view.getUint16(at + 10, true) === 8,
      locked: (view.getUint16(at + 8, true) & 1) === 1,
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return parts;
}

function packedBytes(zip: Uint8Array, view: DataView, header: number, length: number): Uint8Array | null {
  if (header + 30 > zip.byteLength || view.getUint32(header, true) !== localHeader) return null;
  const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  return start + length > zip.byteLength ? null : zip.subarray(start, start + length);
}

/** Unpacks one part, never to more than the directory states: a size that lies is an error, not a full memory (IA31). */
export function unpack(part: Part): Promise<Uint8Array> {
  if (!part.deflated) return Promise.resolve(part.packed.subarray(0, part.size));
  return new Promise((resolve, reject) => {
    inflateRaw(part.packed, { maxOutputLength: Math.max(1, part.size) }, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    );
  });
}
