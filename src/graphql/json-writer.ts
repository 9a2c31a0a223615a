/**
 * Writes JSON as bytes, into memory that is used again for the next answer. Everything that is written comes as JSON already.
 */
import type { Span } from '../d7/message-row.ts';

const leastBytes = 16 * 1024;
/** What is longer is given away, memory and all, and not copied. */
const mostCopied = 64 * 1024;
/** From here on a copy by the system is faster than one by hand. */
const shortBytes = 48;

export class JsonWriter {
  #memory = Buffer.allocUnsafeSlow(leastBytes);
  #length = 0;

  /** Whatever was written before is forgotten: an answer that broke off may not become the beginning of another one's. */
  begin(): void {
    this.#length = 0;
  }

  /** Makes room for so many bytes more, at once. */
  reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#memory.length * 2));
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.#memory[this.#length] = byte;
    this.#length += 1;
  }

  token(bytes: Uint8Array): void {
    this.#copy(bytes, 0, bytes.length);
  }

  span({ bytes, start, end }: Span): void {
    this.#copy(bytes, start, end);
  }

  text(text: string): void {
    this.reserve(text.length * 3);
    this.#length += this.#memory.write(text, this.#length);
  }

  /** All that was written. */
  take(): Buffer {
    const written = this.#memory.subarray(0, this.#length);
    if (written.length <= mostCopied) return Buffer.from(written);
    this.#memory = Buffer.allocUnsafeSlow(leastBytes);
    return written;
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const memory = this.#memory;
    if (end - start > shortBytes) memory.set(bytes.subarray(start, end), this.#length);
    else for (let from = start, to = this.#length; from < end; from += 1, to += 1) memory[to] = bytes[from] as number;
    this.#length += end - start;
  }
}
