import type { Operation } from '../check/history.ts';
import type { Invocation } from '../env/history.ts';
import type { Plain } from '../env/net.ts';
import { copyPlain } from '../env/plain.ts';
import { mixPlain } from '../sched/effects.ts';
import type { Kernel } from '../sched/kernel.ts';
import { spoken, spokenArgument } from './spoken.ts';

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
    const call = (): string => `${name}(${spokenArgument(input)})`;
    this.kernel.tell('history', process, () => `calls ${call()}`);
    let ended = false;
    const end = (change: Partial<Operation>, mixed: Plain | undefined, text: string): void => {
      if (ended) throw new TypeError(`'${name}' of ${process} has ended already`);
      ended = true;
      digest.mix(at);
      mixPlain(digest, mixed);
      this.kernel.tell('history', process, () => `${call()} ${text}`);
      this.operations[at] = { ...open, ...change };
    };
    return {
      ok: (output) => {
        const change = {
          outcome: 'ok',
          output: kept(output ?? null),
          returned: this.events++,
        } as const;
        end(change, output, output === undefined ? 'returns' : `returns ${spoken(output)}`);
      },
      fail: (reason) => {
        const change = { outcome: 'fail', ...because(reason), returned: this.events++ } as const;
        end(change, reason, `fails${inBrackets(reason)}`);
      },
      unknown: (reason) => {
        const change = { outcome: 'unknown', ...because(reason) } as const;
        end(change, reason, `may or may not have happened${inBrackets(reason)}`);
      },
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

function inBrackets(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${reason})`;
}
