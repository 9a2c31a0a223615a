/**
 * Compresses the responses over HTTP that are large enough, in libuv's threads.
 *
 * Event streams are not compressed: each event would have to be flushed on its own, which gains little, and every open stream would hold
 * the memory of a compressor. The same holds for messages over WebSocket.
 *
 * The size of a compressed response tells about its content (BREACH). An attacker needs a response with the victim's secret and a text
 * of the attacker. A page of another origin cannot cause one: a response has data only for the token in its request, which pages send
 * themselves and browsers never add, and it does not have the token.
 */
import type { CompressedForms } from '../graphql/response/compressed-forms.ts';
import type { Bytes } from '../graphql/response/json-writer.ts';
import type { PendingResponse } from '../graphql/response/pending-response.ts';
import { type Coding, codingFor, compressAs } from './content-codings.ts';

export type CompressionConfig = {
  /** Smaller responses are sent as they are. 0: all are. */
  minBytes: number;
  /** Compressions at once. */
  maxConcurrent: number;
};

export type Compressed = { coding: Coding; bytes: Buffer };

export type Compression = {
  /** A response of this size and above may be compressed, and varies by `Accept-Encoding`. */
  minBytes: number;
  /** Null: it is sent as it is. */
  compress: (
    body: Bytes,
    acceptEncoding: string | undefined,
    pending: PendingResponse | undefined,
    /** Of a cached response. */
    forms?: CompressedForms,
  ) => Promise<Compressed | null>;
};

/**
 * @param config.maxConcurrent Files and DNS need threads as well. Beyond it nobody waits: with a queue, one caller's large responses would
 * delay the others'.
 */
export function createCompression({ minBytes, maxConcurrent }: CompressionConfig): Compression {
  let running = 0;

  async function run(coding: Coding, body: Bytes): Promise<Buffer | null> {
    running += 1;
    try {
      const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
      const compressed = await compressAs(coding, bytes);
      return compressed.length < body.length ? compressed : null;
    } catch {
      // Only for lack of memory: the response itself is good.
      return null;
    } finally {
      running -= 1;
    }
  }

  function start(coding: Coding, body: Bytes, forms?: CompressedForms): Promise<Buffer | null> | null {
    if (running >= maxConcurrent) return null;
    return forms ? forms.keep(coding, run(coding, body)) : run(coding, body);
  }

  return {
    minBytes: minBytes === 0 ? Number.POSITIVE_INFINITY : minBytes,
    async compress(body, acceptEncoding, pending, forms) {
      const coding = codingFor(acceptEncoding);
      if (coding === null) return null;
      const form = forms?.find(coding) ?? start(coding, body, forms);
      const bytes = form instanceof Promise && pending ? await pending.holdDuring(form) : await form;
      if (bytes === null || pending?.tryReplace(bytes) === false) return null;
      return { coding, bytes };
    },
  };
}

/** Beside those of every response. */
export function codingHeaders(compressed: Compressed | null): string[] {
  const vary = ['vary', 'Accept-Encoding'];
  return compressed ? [...vary, 'content-encoding', compressed.coding] : vary;
}
