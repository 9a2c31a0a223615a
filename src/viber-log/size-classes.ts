/**
 * Finds one of the largest members in constant time. Members are grouped into size classes; the sizes in one class differ by less than
 * a tenth.
 */

export type Sized = {
  bytes: number;
  /** Index of the size class; only this file writes it. -1: none. */
  sizeClass: number;
};

const classesPerDoubling = 8;

export class SizeClasses<Member extends Sized> {
  readonly #classes: Set<Member>[] = [];
  /** No class above this one has a member. */
  #highest = -1;

  /** Call this whenever the size has changed. A member of 0 bytes is removed. */
  update(member: Member): void {
    const sizeClass = member.bytes > 0 ? Math.floor(Math.log2(member.bytes) * classesPerDoubling) : -1;
    if (sizeClass === member.sizeClass) return;
    this.#classes[member.sizeClass]?.delete(member);
    member.sizeClass = sizeClass;
    if (sizeClass < 0) return;
    this.#classAt(sizeClass).add(member);
    if (sizeClass > this.#highest) this.#highest = sizeClass;
  }

  largest(): Member | undefined {
    for (; this.#highest >= 0; this.#highest -= 1) {
      for (const member of this.#classes[this.#highest] ?? []) return member;
    }
    return undefined;
  }

  #classAt(index: number): Set<Member> {
    let members = this.#classes[index];
    if (members === undefined) {
      members = new Set();
      this.#classes[index] = members;
    }
    return members;
  }
}
