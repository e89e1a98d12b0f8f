import type { History as Client, Invocation } from '../env/history.ts';
import type { Plain } from '../env/net.ts';
import { copyPlain, unplain } from '../env/plain.ts';
import type { Operation } from './history.ts';

/** Hears of every event as it happens. `said` is the output or the reason, as it was given. */
export interface HistoryListener {
  called(operation: Operation): void;
  ended(operation: Operation, index: number, said: Plain | undefined): void;
}

/**
 * Records what clients did and saw, in a world, or anywhere else. Positions are those of the events
 * in the one order in which the recorder heard of them.
 */
export class HistoryRecorder {
  /** What was recorded so far. Calls that have not ended are `unknown`. */
  readonly operations: Operation[] = [];
  readonly #listener: HistoryListener | undefined;
  #events = 0;

  constructor(listener?: HistoryListener) {
    this.#listener = listener;
  }

  /** The recorder of one process: a client that waits for each call before it makes the next. */
  process(name: string): Client {
    return { invoke: (operation, input) => this.invoke(name, operation, input) };
  }

  /** @throws TypeError when `input`, or the output later, is not plain data, or a call ends twice */
  invoke(process: string, name: string, input: Plain = null): Invocation {
    const open: Operation = {
      process,
      name,
      input: kept(input, 'input'),
      outcome: 'unknown',
      output: undefined,
      called: this.#events,
      returned: Infinity,
    };
    this.#listener?.called(open);
    this.#events++;
    const index = this.operations.push(open) - 1;
    let isOpen = true;
    const end = (change: Partial<Operation>, said: Plain | undefined): void => {
      if (!isOpen) throw new TypeError(`'${name}' of ${process} has ended already`);
      isOpen = false;
      const returned = change.outcome === 'unknown' ? Infinity : this.#events++;
      const operation = { ...open, ...change, returned };
      this.operations[index] = operation;
      this.#listener?.ended(operation, index, said);
    };
    const because = (reason: string | undefined) => (reason === undefined ? {} : { reason });
    return {
      ok: (output) => end({ outcome: 'ok', output: kept(output ?? null, 'output') }, output),
      fail: (reason) => end({ outcome: 'fail', ...because(reason) }, reason),
      unknown: (reason) => end({ outcome: 'unknown', ...because(reason) }, reason),
    };
  }
}

/** As it is now: the program may go on to change it. */
function kept(value: Plain, what: 'input' | 'output'): Plain {
  if (typeof value === 'object' && value !== null) {
    const problem = unplain(value, what);
    if (problem !== undefined) throw new TypeError(`${problem}, which is not plain data`);
  }
  return copyPlain(value);
}
