/** The body of a 200 is not the requested delivery log. */
export class DecodeFault extends Error {
  readonly path: string;

  /** @param got the name of a type. A value could be a phone number. */
  constructor(path: string, expected: string, got: string) {
    super(`${path}: expected ${expected}, got ${got}`);
    this.name = 'DecodeFault';
    this.path = path;
  }
}
