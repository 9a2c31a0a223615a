/**
 * An intrusive doubly linked list: the items have the links, so that any item is removed in constant time.
 */

/** An item is in at most one list. */
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
    if (item.list) throw new Error('The item is already in a list.');
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

  /** Also adds an item that is in no list. */
  moveToEnd(item: Item): void {
    if (item === this.#last) return;
    if (item.list === this) this.remove(item);
    this.push(item);
  }
}
