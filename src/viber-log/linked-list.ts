/**
 * A list whose links are in its members: adding, removing and moving cost the same however long it is, and allocate nothing.
 */

/** Each member belongs to one list at a time. */
export type Linked<Member> = { previous: Member | undefined; next: Member | undefined };

export class LinkedList<Member extends Linked<Member>> {
  #first: Member | undefined;
  #last: Member | undefined;

  get first(): Member | undefined {
    return this.#first;
  }

  /** A member of this list moves to its end, and any other joins there. */
  moveToEnd(member: Member): void {
    if (member === this.#last) return;
    this.remove(member);
    member.previous = this.#last;
    if (this.#last) this.#last.next = member;
    else this.#first = member;
    this.#last = member;
  }

  remove(member: Member): void {
    const { previous, next } = member;
    if (previous) previous.next = next;
    else if (this.#first === member) this.#first = next;
    if (next) next.previous = previous;
    else if (this.#last === member) this.#last = previous;
    member.previous = undefined;
    member.next = undefined;
  }
}
