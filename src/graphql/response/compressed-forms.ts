/**
 * The compressed forms of one cached response, by content coding. Each is made once, however many clients ask for it at the same time.
 */
export class CompressedForms {
  readonly #onGrown: () => void;
  #forms: Map<string, Buffer | Promise<Buffer | null>> | undefined;
  #bytes = 0;

  /** @param onGrown is called when there is one more. */
  constructor(onGrown: () => void) {
    this.#onGrown = onGrown;
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(coding: string): Buffer | Promise<Buffer | null> | undefined {
    return this.#forms?.get(coding);
  }

  /** @param making null where it is not worth it. The next client has it tried again. */
  async keep(coding: string, making: Promise<Buffer | null>): Promise<Buffer | null> {
    this.#forms ??= new Map();
    this.#forms.set(coding, making);
    const form = await making;
    if (form === null) {
      this.#forms.delete(coding);
    } else {
      this.#forms.set(coding, form);
      this.#bytes += form.length;
      this.#onGrown();
    }
    return form;
  }
}
