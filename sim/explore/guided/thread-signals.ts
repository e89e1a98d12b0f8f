/**
 * The signals of threads: the state of all shared objects, and that state together with how far the
 * thread has come whose step led there. Of equal threads, `worker-1` and `worker-2`, it does not matter
 * which one it was.
 */
import { both, hashName } from '../../choice/mix.ts';
import type { StepSeen } from '../../threads/engine.ts';
import { nameOf } from '../../threads/operation.ts';
import { wordOf } from '../../threads/words.ts';
import type { Signals } from './signals.ts';

export class ThreadSignals {
  private readonly signals: Signals;
  /** By object: what it holds, as a word. */
  private readonly held = new Map<number, number>();
  /** By thread: its steps so far. */
  private readonly steps = new Map<number, number>();
  /** By thread: a hash of the name that it shares with its equals. */
  private readonly kinds = new Map<number, number>();
  private state = 0;

  constructor(signals: Signals) {
    this.signals = signals;
  }

  /** A step has run; the record has so many entries. */
  saw({ number, thread, operation, object, result }: StepSeen, entries: number): void {
    if (number === 1) this.clear();
    const { index } = thread;
    const step = (this.steps.get(index) ?? 0) + 1;
    this.steps.set(index, step);
    const kind = this.kindOf(thread);
    const word = 'value' in object ? wordOf(object.value) : both(hashName(operation.name), kind);
    const before = this.held.get(object.number);
    if (before !== undefined) this.state ^= both(object.number, before);
    this.held.set(object.number, word);
    this.state ^= both(object.number, word);
    this.signals.show(both(this.state, both(kind, step)), entries, 0);
    this.signals.show(both(both(kind, step), wordOf(result)), entries, 0);
  }

  private kindOf(thread: StepSeen['thread']): number {
    let kind = this.kinds.get(thread.index);
    if (kind === undefined) {
      kind = hashName(nameOf(thread).replace(/-\d+$/, ''));
      this.kinds.set(thread.index, kind);
    }
    return kind;
  }

  private clear(): void {
    this.held.clear();
    this.steps.clear();
    this.kinds.clear();
    this.state = 0;
  }
}
