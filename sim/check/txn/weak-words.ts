// Why the weak levels put one transaction before another, in words.

import { chainsOf } from './causal-order.ts';
import type { Because } from './cycles.ts';
import type { Sessions } from './findings.ts';
import type { ForcedOrder } from './forced-order.ts';
import { PROCESS, WR } from './graph.ts';
import type { ReadsFrom } from './reads-from.ts';
import { microInWords, orderInWords, txnName } from './words.ts';

const NONE = -1;

interface WordsOptions {
  readonly defined: Sessions;
  readonly versions?: { readonly because: Because };
}

export class WeakWords {
  /** Whether the order of sessions is a part of the level by its definition, not only of `causal`. */
  readonly defined: Sessions;
  /** Why a session, a read or an order of versions puts `from` before `to`. */
  readonly because: Because;
  readonly #reads: ReadsFrom;

  /** `versions` are known of lists, and have words of their own. */
  constructor(reads: ReadsFrom, { defined, versions }: WordsOptions) {
    this.defined = defined;
    this.#reads = reads;
    this.because = versions?.because ?? ((from, to, label) => this.#readFrom(from, to, label));
  }

  /** Why the level forces `first` to come before `second`. */
  forces(forced: ForcedOrder): string {
    const { first, reader, read } = forced;
    const { txns, readMicro } = this.#reads;
    const late = `${txnName(reader)} has ${microInWords(txns, readMicro[read]!)}`;
    return `${late}, which ${txnName(first)} writes too, and ${this.precedes(forced)}`;
  }

  /** Why the reader should have known of `first`. */
  precedes({ first, reader, by }: ForcedOrder): string {
    switch (by) {
      case 'monotonic':
        return `${txnName(reader)} had read from ${txnName(first)} before`;
      case 'session':
        return `${txnName(first)} came earlier in the session of ${txnName(reader)}`;
      case 'read':
        return `${txnName(reader)} reads from ${txnName(first)}`;
      case 'causal':
        return `${txnName(first)} happened before ${txnName(reader)}: ${this.#path(first, reader)}`;
    }
  }

  #readFrom(from: number, to: number, label: number): string {
    const { txns, firstRead, readFrom, readMicro } = this.#reads;
    if (label === PROCESS) return orderInWords(txns, from, to, label);
    const read = readFrom.indexOf(from, firstRead[to]!);
    return `${txnName(to)} has ${microInWords(txns, readMicro[read]!)}, from ${txnName(from)}`;
  }

  /** The fewest steps of sessions and reads from one transaction to a later one. */
  #path(from: number, to: number): string {
    const { txns, forEachSeen } = this.#reads;
    const { predecessor } = chainsOf(this.#reads);
    const next = new Map([[to, { txn: NONE, label: 0 }]]);
    for (const txn of next.keys()) {
      if (txn === from) break;
      const reach = (before: number, label: number) => {
        if (!next.has(before)) next.set(before, { txn, label });
      };
      if (predecessor[txn] !== NONE) reach(predecessor[txn]!, PROCESS);
      forEachSeen(txn, (before) => reach(before, WR));
    }
    const steps: string[] = [];
    for (let txn = from; txn !== to; ) {
      const step = next.get(txn)!;
      steps.push(
        step.label === PROCESS
          ? orderInWords(txns, txn, step.txn, PROCESS)
          : this.because(txn, step.txn, step.label),
      );
      txn = step.txn;
    }
    return steps.join('; ');
  }
}
