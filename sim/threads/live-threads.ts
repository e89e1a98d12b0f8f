import type { NativeVerdict, ThreadBody, Threads } from '../env/threads.ts';
import { Crew, type Place } from './crew.ts';
import { runCalmly } from './native-fibers.ts';
import type { ThreadState } from './thread.ts';

/** Steps between two turns of the event loop, so that other code gets its share. */
const TURN_STEPS = 1_000;

export interface LiveThreadsOptions {
  /** Calls back on a later turn of the event loop, such as `setImmediate`. */
  readonly defer: (callback: () => void) => void;
  /** A thread has failed that nobody waits for. */
  readonly uncaught: (error: unknown) => void;
}

/**
 * The same threads on a real event loop: they take turns, a step each, in the order in which they
 * became able to, and leave the loop to other code after every 1,000 steps. A signal wakes the first
 * in line. Data races are not looked for; a deadlock rejects the promise of the thread that closes
 * the circle.
 */
export class LiveThreads implements Threads {
  private readonly crew: Crew;
  private readonly defer: (callback: () => void) => void;
  private queue: ThreadState[] = [];
  private turning = false;

  constructor(options: LiveThreadsOptions) {
    this.defer = options.defer;
    const place: Place = {
      enrol: () => {},
      post: (thread) => this.post(thread),
      withdraw: (thread) => {
        this.queue = this.queue.filter((queued) => queued !== thread);
      },
      taken: () => {},
      later: (callback) => callback(),
      chooseSleeper: () => 0,
      violated: () => {},
      uncaught: options.uncaught,
    };
    this.crew = new Crew(place, { races: 'ignored' });
  }

  spawn<Result>(name: string, body: ThreadBody<Result>): Promise<Result> {
    return this.crew.spawn(name, body);
  }

  native(program: string): NativeVerdict {
    return runCalmly(program);
  }

  private post(thread: ThreadState): void {
    this.queue.push(thread);
    if (this.turning) return;
    this.turning = true;
    this.defer(() => this.turn());
  }

  private turn(): void {
    for (let steps = 0; steps < TURN_STEPS; steps++) {
      const thread = this.queue.shift();
      if (thread === undefined) {
        this.turning = false;
        return;
      }
      this.crew.step(thread);
    }
    this.defer(() => this.turn());
  }
}
