import type { Operation } from '../check/history.ts';
import type { Invocation } from '../env/history.ts';
import type { Plain } from '../env/net.ts';
import { copyPlain } from '../env/plain.ts';
import { mixPlain } from '../sched/effects.ts';
import type { Kernel } from '../sched/kernel.ts';

/** Collects what clients did and saw; positions are those of the events in the run's total order. */
export class HistoryRecorder {
  readonly operations: Operation[] = [];
  private readonly kernel: Kernel;
  private events = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  invoke(process: string, name: string, input: Plain = null): Invocation {
    const { digest } = this.kernel;
    digest.mixText(name);
    mixPlain(digest, input);
    const at = this.operations.length;
    const called = this.events++;
    const open: Operation = {
      process,
      name,
      input: kept(input),
      outcome: 'unknown',
      output: undefined,
      called,
      returned: Infinity,
    };
    this.operations.push(open);
    let ended = false;
    const end = (change: Partial<Operation>, mixed: Plain | undefined): void => {
      if (ended) throw new TypeError(`'${name}' of ${process} has ended already`);
      ended = true;
      digest.mix(at);
      mixPlain(digest, mixed);
      this.operations[at] = { ...open, ...change };
    };
    return {
      ok: (output = null) =>
        end({ outcome: 'ok', output: kept(output), returned: this.events++ }, output),
      fail: (reason) =>
        end({ outcome: 'fail', ...because(reason), returned: this.events++ }, reason),
      unknown: (reason) => end({ outcome: 'unknown', ...because(reason) }, reason),
    };
  }
}

/** As it is now: the program may go on to change it. */
function kept(value: Plain): Plain {
  return typeof value === 'object' && value !== null ? copyPlain(value) : value;
}

function because(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
