/**
 * Doubly linked rings over the entries 0, 1, …, from which entries are taken out and put back in
 * reverse order ("dancing links"). An entry that is out still knows its neighbours. Ring `r` begins
 * and ends at the entry `entries + r`, its head.
 */
export class Rings {
  readonly next: Int32Array;
  readonly previous: Int32Array;

  /** Entries are linked in the given order, each into the ring that `ringOf` says. */
  constructor(order: Int32Array, rings: number, ringOf: (entry: number) => number) {
    const entries = order.length;
    this.next = Int32Array.from({ length: entries + rings }, (_, entry) => entry);
    this.previous = this.next.slice();
    for (const entry of order) {
      const head = entries + ringOf(entry);
      const last = this.previous[head]!;
      this.next[last] = entry;
      this.previous[entry] = last;
      this.next[entry] = head;
      this.previous[head] = entry;
    }
  }

  takeOut(entry: number): void {
    const { next, previous } = this;
    next[previous[entry]!] = next[entry]!;
    previous[next[entry]!] = previous[entry]!;
  }

  putBack(entry: number): void {
    const { next, previous } = this;
    next[previous[entry]!] = entry;
    previous[next[entry]!] = entry;
  }
}
