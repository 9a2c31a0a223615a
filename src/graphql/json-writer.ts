/**
 * Writes JSON as bytes, into memory that is used again for the next answer. Everything that is written comes as JSON already.
 */
import type { Row } from '../d7/message-row.ts';

const leastBytes = 16 * 1024;
/** What is longer is given away, memory and all, and not copied. */
const mostCopied = 32 * 1024;
/** From here on a copy by the system is faster than one by hand. */
const shortBytes = 32;

/**
 * Bytes, or a string that has one in each of its characters (latin1). Node writes a short string in one go with the head of the
 * answer, where a buffer would cost several times as much.
 */
export type Bytes = Buffer | string;

export class JsonWriter {
  #memory = Buffer.allocUnsafeSlow(leastBytes);
  #length = 0;

  /** Whatever was written before is forgotten: an answer that broke off may not become the beginning of another one's. */
  begin(): void {
    this.#length = 0;
  }

  /** Makes room for so many bytes more, at once. */
  reserve(bytes: number): void {
    const needed = this.#length + Math.ceil(bytes);
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
    this.reserve(bytes.length);
    this.#length = copy(bytes, 0, bytes.length, this.#memory, this.#length);
  }

  /** A short text is ASCII, mostly, and written by hand in less time than it takes to call the system. */
  text(text: string): void {
    this.reserve(text.length * 3);
    const isWritten = text.length <= shortBytes && this.#ascii(text);
    if (!isWritten) this.#length += this.#memory.write(text, this.#length);
  }

  /** @param prefixes what stands before each value; `columns` which value it is. */
  row(row: Row, prefixes: readonly Uint8Array[], columns: readonly number[]): void {
    const { bytes, spans } = row;
    for (let field = 0; field < prefixes.length; field += 1) {
      this.token(prefixes[field] as Uint8Array);
      const column = columns[field] as number;
      const start = column < spans.length ? (spans[column] as number) : 0;
      if (start === 0) {
        this.token(row.token(column));
      } else {
        const end = spans[column + 1] as number;
        this.reserve(end - start);
        this.#length = copy(bytes, start, end, this.#memory, this.#length);
      }
    }
  }

  /** False, and nothing is written, where it is not ASCII. */
  #ascii(text: string): boolean {
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#memory[this.#length + i] = code;
    }
    this.#length += text.length;
    return true;
  }

  /** All that was written. */
  take(): Bytes {
    if (this.#length <= mostCopied) return this.#memory.toString('latin1', 0, this.#length);
    const written = this.#memory.subarray(0, this.#length);
    this.#memory = Buffer.allocUnsafeSlow(leastBytes);
    return written;
  }
}

function copy(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  if (end - start > shortBytes) {
    into.set(from.subarray(start, end), at);
    return at + end - start;
  }
  const shift = at - start;
  for (let i = start; i < end; i += 1) into[i + shift] = from[i] as number;
  return end + shift;
}
