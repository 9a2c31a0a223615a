/**
 * Writes JSON as bytes, into memory that the next response uses again. Callers pass JSON.
 */
import type { Row } from '../../d7/log/message-row.ts';
import { sliceBytes, sliceRows } from './time-slices.ts';

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

/** What writes a response: it yields wherever it may be left for a while. */
export type Steps = Generator<void, void, void>;

export class ResponseTooLarge extends Error {}

export class JsonWriter {
  /** Never larger than the limit, so that what fits in it need not be compared with the limit. */
  #memory: Buffer;
  #length = 0;
  #rows = 0;
  #sliceStart = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
    this.#memory = Buffer.allocUnsafeSlow(Math.min(leastBytes, maxBytes));
  }

  get length(): number {
    return this.#length;
  }

  /** Whether it is time to let others work. */
  get isSliceFull(): boolean {
    return this.#length - this.#sliceStart >= sliceBytes || this.#rows >= sliceRows;
  }

  beginSlice(): void {
    this.#sliceStart = this.#length;
    this.#rows = 0;
  }

  /** Whatever was written before is forgotten: an answer that broke off may not become the beginning of another one's. */
  begin(): void {
    this.#length = 0;
    this.beginSlice();
  }

  /** Grows the memory for so many bytes more, in one step, up to the limit. */
  reserve(bytes: number): void {
    const needed = this.#length + Math.ceil(bytes);
    if (needed <= this.#memory.length) return;
    const size = Math.min(Math.max(needed, this.#memory.length * 2), this.#maxBytes);
    if (size <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(size);
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }

  /** @throws ResponseTooLarge */
  #require(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#memory.length) return;
    if (needed > this.#maxBytes) throw new ResponseTooLarge();
    this.reserve(bytes);
  }

  byte(byte: number): void {
    this.#require(1);
    this.#memory[this.#length] = byte;
    this.#length += 1;
  }

  token(bytes: Uint8Array): void {
    this.#require(bytes.length);
    this.#length = copy(bytes, 0, bytes.length, this.#memory, this.#length);
  }

  /** A short text is ASCII, mostly, and written by hand in less time than it takes to call the system. */
  text(text: string): void {
    // UTF-8 has at most three bytes for each unit of a string; how many there are is counted only where that might be too many.
    if (this.#length + text.length * 3 > this.#memory.length) this.#require(Buffer.byteLength(text));
    const isWritten = text.length <= shortBytes && this.#ascii(text);
    if (!isWritten) this.#length += this.#memory.write(text, this.#length);
  }

  /** @param prefixes the bytes before each value. @param columns which value it is. */
  row(row: Row, prefixes: readonly Uint8Array[], columns: readonly number[]): void {
    const { bytes, spans } = row;
    this.#rows += 1;
    for (let field = 0; field < prefixes.length; field += 1) {
      this.token(prefixes[field] as Uint8Array);
      const column = columns[field] as number;
      const start = column < spans.length ? (spans[column] as number) : 0;
      if (start === 0) {
        this.token(row.token(column));
      } else {
        const end = spans[column + 1] as number;
        this.#require(end - start);
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
    this.#memory = Buffer.allocUnsafeSlow(Math.min(leastBytes, this.#maxBytes));
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
