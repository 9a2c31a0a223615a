/**
 * The documents that clients register by automatic persisted queries (APQ), by their hash, within one limit of bytes.
 *
 * Any caller may request any of them: the text of a document is no secret, and its hash is known only to who has the text. But each takes
 * from the share of one caller, and when the limit is exceeded, the largest share evicts its least recently used document. So no caller
 * can evict the documents of another one that has less.
 *
 * Anybody can invent tokens. So all callers whose token D7 has not accepted have one share together.
 */
import { LinkedItem, LinkedList } from '../linked-list.ts';
import { SizeClasses } from '../viber-log/size-classes.ts';

class Share {
  bytes = 0;
  sizeClass = -1;
  readonly callerKey: string;
  readonly byUse = new LinkedList<AutomaticDocument>();

  constructor(callerKey: string) {
    this.callerKey = callerKey;
  }
}

class AutomaticDocument extends LinkedItem {
  readonly sha256: string;
  readonly text: string;
  readonly bytes: number;
  share: Share;

  constructor(sha256: string, text: string, share: Share) {
    super();
    this.sha256 = sha256;
    this.text = text;
    // A character takes up to two bytes.
    this.bytes = text.length * 2 + overheadBytes;
    this.share = share;
  }
}

/** An estimate of the memory that a document takes in addition to its text. */
const overheadBytes = 512;
/** No caller key is empty. */
const unproven = '';

export class AutomaticDocuments {
  readonly #maxBytes: number;
  readonly #documents = new Map<string, AutomaticDocument>();
  readonly #shares = new Map<string, Share>();
  readonly #bySize = new SizeClasses<Share>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isOff(): boolean {
    return this.#maxBytes === 0;
  }

  find(sha256: string): string | undefined {
    const document = this.#documents.get(sha256);
    if (document) document.share.byUse.moveToEnd(document);
    return document?.text;
  }

  /** @param callerKey of a caller whose token D7 has accepted. */
  register(sha256: string, text: string, callerKey = unproven): void {
    const known = this.#documents.get(sha256);
    const share = this.#shares.get(callerKey) ?? new Share(callerKey);
    if (known === undefined) this.#add(new AutomaticDocument(sha256, text, share));
    else if (known.share.callerKey === unproven) this.#move(known, share);
    else known.share.byUse.moveToEnd(known);
  }

  #add(document: AutomaticDocument): void {
    if (document.bytes > this.#maxBytes) return;
    this.#documents.set(document.sha256, document);
    this.#resize(document, 1);
    document.share.byUse.push(document);
    while (this.#bytes > this.#maxBytes) this.#evict();
  }

  #move(document: AutomaticDocument, share: Share): void {
    this.#take(document);
    document.share = share;
    this.#resize(document, 1);
    share.byUse.push(document);
  }

  #evict(): void {
    const document = this.#bySize.largest()?.byUse.first as AutomaticDocument;
    this.#take(document);
    this.#documents.delete(document.sha256);
  }

  #take(document: AutomaticDocument): void {
    document.share.byUse.remove(document);
    this.#resize(document, -1);
  }

  #resize({ share, bytes }: AutomaticDocument, sign: 1 | -1): void {
    share.bytes += sign * bytes;
    this.#bytes += sign * bytes;
    this.#bySize.update(share);
    if (share.bytes === 0) this.#shares.delete(share.callerKey);
    else this.#shares.set(share.callerKey, share);
  }
}
