import type { ThreadBody, Threads } from '../env/threads.ts';
import type { Incarnation } from '../node/incarnation.ts';

/** `env.threads` of one incarnation. */
export class NodeThreads implements Threads {
  readonly incarnation: Incarnation;

  constructor(incarnation: Incarnation) {
    this.incarnation = incarnation;
  }

  spawn<Result>(_name: string, _body: ThreadBody<Result>): Promise<Result> {
    throw new Error('unfinished');
  }
}
