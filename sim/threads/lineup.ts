/**
 * The threads that can run, as the candidates that a strategy is shown: rows by thread number, kept
 * one at a time, since as a rule a step changes nothing for threads other than its own.
 */
import type { Candidates } from '../choice/strategy.ts';
import type { Host } from './host.ts';
import type { ThreadState } from './thread.ts';

const FIRST_ROWS = 16;

export class Lineup {
  readonly candidates: Candidates = {
    count: 0,
    calmest: 0,
    actor: new Int32Array(FIRST_ROWS),
    lo: new Int32Array(FIRST_ROWS),
    hi: new Int32Array(FIRST_ROWS),
    object: new Int32Array(FIRST_ROWS),
    access: new Uint8Array(FIRST_ROWS),
  };
  /** By row. */
  readonly threads: ThreadState[] = [];

  clear(): void {
    this.candidates.count = 0;
  }

  /** The thread can run, with the step that it has come to. */
  set(thread: ThreadState): void {
    if (thread.row >= 0) this.fill(thread);
    else this.insert(thread);
  }

  drop(thread: ThreadState): void {
    const { candidates, threads } = this;
    if (thread.row < 0) return;
    const last = --candidates.count;
    for (let row = thread.row; row < last; row++) this.place(threads[row + 1]!, row);
    thread.row = -1;
  }

  /** After a step that may have changed who can run. */
  rebuild(threads: readonly ThreadState[], count: number, host: Host): void {
    this.candidates.count = 0;
    for (let index = 0; index < count; index++) {
      const thread = threads[index]!;
      thread.row = -1;
      if (thread.ended) continue;
      if (thread.canRun(host)) this.append(thread);
    }
  }

  /** The calmest is the next step of the thread that ran last; where that cannot, the first. */
  rankCalmest(last: ThreadState | undefined): void {
    this.candidates.calmest = last === undefined || last.row < 0 ? 0 : last.row;
  }

  private insert(thread: ThreadState): void {
    const { candidates, threads } = this;
    let row = candidates.count;
    this.append(thread);
    for (; row > 0 && threads[row - 1]!.index > thread.index; row--) {
      this.place(threads[row - 1]!, row);
      this.place(thread, row - 1);
    }
  }

  private append(thread: ThreadState): void {
    const row = this.candidates.count++;
    if (row === this.candidates.actor.length) this.grow();
    this.place(thread, row);
  }

  private place(thread: ThreadState, row: number): void {
    this.candidates.actor[row] = thread.index;
    this.threads[row] = thread;
    thread.row = row;
    this.fill(thread);
  }

  private fill(thread: ThreadState): void {
    const { candidates } = this;
    const { row } = thread;
    candidates.lo[row] = thread.lo;
    candidates.hi[row] = thread.hi;
    candidates.object[row] = thread.object!.number;
    candidates.access[row] = thread.operation!.access;
  }

  private grow(): void {
    const { candidates } = this;
    const rows = candidates.actor.length * 2;
    candidates.actor = grown(candidates.actor, rows);
    candidates.lo = grown(candidates.lo, rows);
    candidates.hi = grown(candidates.hi, rows);
    candidates.object = grown(candidates.object, rows);
    const access = new Uint8Array(rows);
    access.set(candidates.access);
    candidates.access = access;
  }
}

function grown(column: Int32Array, rows: number): Int32Array {
  const next = new Int32Array(rows);
  next.set(column);
  return next;
}
