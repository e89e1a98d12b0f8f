// Histories as sequences of events: a call is one event, its end another, and what belongs together
// has the same process. This is how Jepsen records, in EDN and in JSON.
//
//   {:process 0, :type :invoke, :f :write, :value 3}
//   {:process 1, :type :invoke, :f :read,  :value nil}
//   {:process 0, :type :ok,     :f :write, :value 3}
//   {:process 1, :type :info,   :f :read,  :value nil, :error :timed-out}
//
// `fail` did not happen. `info`, and a call without an end, may take effect at any later time.
// Positions in the sequence, not times, order the events.

import type { Plain } from '../../env/net.ts';
import type { Operation } from '../history.ts';
import { isList, print } from '../plain.ts';
import type { Mark, Recorded } from './recorded.ts';

export interface Event {
  /** `undefined` when the file does not tell. */
  readonly process: string | undefined;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  /** `txn` for a list of micro-operations. */
  readonly name: string;
  readonly value: Plain;
  readonly reason: string | undefined;
  readonly line: number;
}

/** Something that no client did: a fault that was injected, or healed. */
export interface Disturbance {
  readonly label: string;
}

export function historyOfEvents(events: readonly (Event | Disturbance)[]): Recorded {
  const pairing = new Pairing(events.some((event) => 'type' in event && event.type === 'invoke'));
  const marks: Mark[] = [];
  for (const [position, event] of events.entries()) {
    if ('label' in event) marks.push({ at: position, label: event.label });
    else pairing.take(event, position);
  }
  const recorded = pairing.recorded();
  return marks.length === 0 ? recorded : { ...recorded, marks };
}

type Draft = { -readonly [K in keyof Operation]: Operation[K] };

interface Open {
  readonly operation: Draft;
  /** What the end of the call has in common with its beginning. */
  readonly skeleton: string;
}

class Pairing {
  readonly #operations: Draft[] = [];
  readonly #lines: number[] = [];
  readonly #open = new Map<string, Open>();
  /** Calls of which the file does not tell the process. */
  readonly #anonymous: Open[] = [];
  readonly #hasCalls: boolean;
  #impossible: Recorded['impossible'];

  constructor(hasCalls: boolean) {
    this.#hasCalls = hasCalls;
  }

  take(event: Event, position: number): void {
    if (event.type === 'invoke') this.#begin(event, position);
    else this.#end(event, position);
  }

  recorded(): Recorded {
    const impossible = this.#impossible === undefined ? {} : { impossible: this.#impossible };
    return { history: this.#operations, lines: this.#lines, ...impossible };
  }

  #begin(event: Event, called: number): void {
    const { process, name, value, line } = event;
    const operation = this.#add(event, { input: value, called });
    const open = { operation, skeleton: skeletonOf(name, value) };
    if (process === undefined) {
      this.#anonymous.push(open);
      return;
    }
    if (this.#open.has(process)) {
      this.#refuse(`process ${process} calls ${name} while its previous call is open`, line);
    }
    this.#open.set(process, open);
  }

  #end(event: Event, position: number): void {
    const { type, value, reason } = event;
    const operation = this.#takeOpen(event) ?? this.#unannounced(event);
    if (type === 'ok') operation.output = value;
    if (type === 'ok' || type === 'fail') {
      operation.outcome = type;
      operation.returned = position;
    }
    if (reason !== undefined) operation.reason = reason;
  }

  #takeOpen({ process, name, value }: Event): Draft | undefined {
    if (process !== undefined) {
      const open = this.#open.get(process);
      this.#open.delete(process);
      return open?.operation;
    }
    const skeleton = skeletonOf(name, value);
    const at = this.#anonymous.findIndex((open) => open.skeleton === skeleton);
    return at === -1 ? undefined : this.#anonymous.splice(at, 1)[0]!.operation;
  }

  /**
   * A call that was not recorded. Transactions are judged without it, as their dependencies need no
   * times, unless the file records calls; then this one is missing.
   */
  #unannounced(event: Event): Draft {
    const { process, name, value, line } = event;
    if (name !== 'txn' || (this.#hasCalls && process !== undefined)) {
      const who = process === undefined ? '' : ` by process ${process}`;
      this.#refuse(`${name}${who} ends without having been called`, line);
    }
    const input = name === 'txn' ? withoutReads(value) : null;
    return this.#add(event, { input, called: Number.NEGATIVE_INFINITY });
  }

  #add({ process, name, line }: Event, { input, called }: { input: Plain; called: number }): Draft {
    const operation: Draft = {
      process: process ?? `unnamed-${this.#operations.length}`,
      name,
      input,
      outcome: 'unknown',
      output: undefined,
      called,
      returned: Number.POSITIVE_INFINITY,
    };
    this.#operations.push(operation);
    this.#lines.push(line);
    return operation;
  }

  #refuse(message: string, line: number): void {
    this.#impossible ??= { message, line };
  }
}

/** Kinds, keys and written values of a transaction; the name of anything else. */
function skeletonOf(name: string, value: Plain): string {
  return name === 'txn' ? print(withoutReads(value)) : name;
}

/** A transaction as it was called: what its reads return is not known yet. */
export function withoutReads(value: Plain): Plain {
  if (!isList(value)) return value;
  return value.map((micro) =>
    isList(micro) && (micro[0] === 'r' || micro[0] === 'rp') ? [micro[0], micro[1]!, null] : micro,
  );
}
