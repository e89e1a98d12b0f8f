/**
 * The timers of one loop, in one list for each delay, the lists in a heap by expiry (lib/internal/timers.js
 * of Node.js): so timers of one delay never overtake each other.
 */
import { type Site, site } from '../choice/site.ts';
import type { Timer } from '../env/timers.ts';
import { Callback } from './callback.ts';

export const TIMER: Site = site('timer');

export class LoopTimer extends Callback implements Timer {
  readonly list: TimerList;
  readonly dueNs: number;
  next: LoopTimer | undefined;
  previous: LoopTimer | undefined;

  constructor(
    list: TimerList,
    dueNs: number,
    lo: number,
    hi: number,
    span: number,
    turn: number,
    cause: number,
    callback: () => void,
  ) {
    super(lo, hi, span, turn, cause, callback);
    this.list = list;
    this.dueNs = dueNs;
  }

  get site(): Site {
    return TIMER;
  }

  cancel(): void {
    if (this.callback === undefined) return;
    this.callback = undefined;
    this.list.cancel(this);
  }
}

/** Timers of one delay, the oldest first. */
class TimerList {
  readonly delayNs: number;
  /** Not after the first timer's due time. */
  expiryNs = 0;
  /** Place in the heap, or -1. */
  place = -1;
  /** When the list was last put into the heap: the tie-break of equal expiries. */
  sequence = 0;
  first: LoopTimer | undefined;
  private last: LoopTimer | undefined;
  private readonly lists: TimerLists;

  constructor(lists: TimerLists, delayNs: number) {
    this.lists = lists;
    this.delayNs = delayNs;
  }

  append(timer: LoopTimer): void {
    timer.previous = this.last;
    if (this.last === undefined) this.first = timer;
    else this.last.next = timer;
    this.last = timer;
    this.lists.size++;
  }

  /** Takes a timer out, to run it. */
  take(timer: LoopTimer): void {
    if (timer.previous === undefined) this.first = timer.next;
    else timer.previous.next = timer.next;
    if (timer.next === undefined) this.last = timer.previous;
    else timer.next.previous = timer.previous;
    this.lists.size--;
  }

  cancel(timer: LoopTimer): void {
    this.take(timer);
    this.lists.cancelled();
  }
}

export class TimerLists {
  /** Timers in all lists. */
  size = 0;
  /** Called after a timer was cancelled. */
  readonly cancelled: () => void;
  private readonly byDelay = new Map<number, TimerList>();
  private readonly heap: TimerList[] = [];
  private sequence = 0;
  private lastAsked: TimerList | undefined;

  constructor(cancelled: () => void) {
    this.cancelled = cancelled;
  }

  /** The list that expires first; it may be empty. */
  get next(): TimerList | undefined {
    return this.heap[0];
  }

  ofDelay(delayNs: number): TimerList {
    if (this.lastAsked?.delayNs === delayNs) return this.lastAsked;
    let list = this.byDelay.get(delayNs);
    if (list === undefined) {
      list = new TimerList(this, delayNs);
      this.byDelay.set(delayNs, list);
    }
    this.lastAsked = list;
    return list;
  }

  clear(): void {
    this.byDelay.clear();
    this.heap.length = 0;
    this.size = 0;
  }

  /** Puts the list where a list of this expiry belongs; expiries of lists in the heap only grow. */
  expire(list: TimerList, expiryNs: number): void {
    list.sequence = this.sequence++;
    if (list.place < 0) {
      list.expiryNs = expiryNs;
      this.insert(list);
    } else {
      list.expiryNs = Math.max(expiryNs, list.expiryNs);
      this.sink(list.place);
    }
  }

  private insert(list: TimerList): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(list);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(list, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      heap[at]!.place = at;
      at = parent;
    }
    heap[at] = list;
    list.place = at;
  }

  dropNext(): void {
    const { heap } = this;
    const top = heap[0]!;
    const last = heap.pop()!;
    top.place = -1;
    this.byDelay.delete(top.delayNs);
    if (top === this.lastAsked) this.lastAsked = undefined;
    if (heap.length === 0) return;
    heap[0] = last;
    this.sink(0);
  }

  private sink(from: number): void {
    const { heap } = this;
    const list = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(list, heap[child]!)) break;
      heap[at] = heap[child]!;
      heap[at]!.place = at;
      at = child;
    }
    heap[at] = list;
    list.place = at;
  }
}

function before(a: TimerList, b: TimerList): boolean {
  return a.expiryNs !== b.expiryNs ? a.expiryNs < b.expiryNs : a.sequence < b.sequence;
}
