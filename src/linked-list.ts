/**
 * A doubly linked list whose items carry their own links, so that an item in the middle leaves in constant time and without a search.
 */

/** An item is in one list at a time. */
export class LinkedItem {
  list: LinkedList<this> | undefined;
  previous: this | undefined;
  next: this | undefined;
}

export class LinkedList<Item extends LinkedItem> {
  first: Item | undefined;
  #last: Item | undefined;
  length = 0;

  push(item: Item): void {
    if (item.list) throw new Error('The item is in a list already.');
    item.list = this;
    item.previous = this.#last;
    if (this.#last) this.#last.next = item;
    else this.first = item;
    this.#last = item;
    this.length += 1;
  }

  remove(item: Item): void {
    if (item.list !== this) throw new Error('The item is not in this list.');
    if (item.previous) item.previous.next = item.next;
    else this.first = item.next;
    if (item.next) item.next.previous = item.previous;
    else this.#last = item.previous;
    item.list = undefined;
    item.previous = undefined;
    item.next = undefined;
    this.length -= 1;
  }

  /** An item of this list moves to its end, and any other joins there. */
  moveToEnd(item: Item): void {
    if (item === this.#last) return;
    if (item.list === this) this.remove(item);
    this.push(item);
  }
}
