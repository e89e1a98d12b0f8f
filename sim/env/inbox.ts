/**
 * What has arrived and was not taken yet, with at most one taker waiting. Both implementations of
 * the network keep their datagrams, connections and chunks in one.
 */
let captured: unknown;

/** One executor for all promises here: thousands of them wait at a time, each as small as can be. */
function capture(resolve: unknown): void {
  captured = resolve;
}

export class Inbox<Item> {
  private readonly items: Item[] = [];
  private readonly itemsMax: number;
  private resolve: ((item: Item | Promise<Item>) => void) | undefined;
  private closedBy: Error | undefined;
  /** It takes nothing more. */
  isClosed = false;

  constructor(itemsMax: number) {
    this.itemsMax = itemsMax;
  }

  /** False when it is full or closed; the item is then dropped. */
  put(item: Item): boolean {
    if (this.isClosed) return false;
    const { resolve } = this;
    if (resolve !== undefined) {
      this.resolve = undefined;
      resolve(item);
      return true;
    }
    if (this.items.length >= this.itemsMax) return false;
    this.items.push(item);
    return true;
  }

  /** The oldest item, or the next to come. Rejects once it is closed and empty. */
  take(): Promise<Item> {
    const first = this.items.shift();
    if (first !== undefined) return Promise.resolve(first);
    if (this.closedBy !== undefined) return Promise.reject(this.closedBy);
    if (this.resolve !== undefined) throw new TypeError('somebody is already waiting here');
    const promise = new Promise<Item>(capture);
    this.resolve = captured as (item: Item | Promise<Item>) => void;
    return promise;
  }

  /** Takes nothing more; who waits, or takes when it is empty, gets `error`. Returns what is left. */
  end(error: Error): readonly Item[] {
    if (this.closedBy === undefined) {
      this.isClosed = true;
      this.closedBy = error;
      this.resolve?.(Promise.reject(error));
      this.resolve = undefined;
    }
    return this.items;
  }

  /** Also drops what is left. */
  drop(error: Error): void {
    this.end(error);
    this.items.length = 0;
  }

  /** Drops what is left and takes nothing more; who waits, waits for ever, as its process has ended. */
  abandon(): void {
    this.isClosed = true;
    this.resolve = undefined;
    this.items.length = 0;
  }
}
