import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** Adds what a file holds to a hash and gives its size. @throws the signal's reason */
export async function hashFile(file: FileHandle, hash: Hash, signal: AbortSignal): Promise<number> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (let size = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size);
    if (bytesRead === 0) return size;
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
}
