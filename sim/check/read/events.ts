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
//
// Most clients return the event that they were given as soon as it succeeded: such an end repeats
// the call's value. It is an echo then, and no answer, unless the operation always answers, or has
// answered otherwise in this file. A compare-and-set that ends with `ok` was successful, whatever
// stands there, unless it is a boolean. An add-and-get may answer [number added, sum].

import type { Plain } from '../../env/net.ts';
import { HistoryError, type Operation } from '../history.ts';
import { isList, print, samePlain } from '../plain.ts';
import type { Mark, Recorded } from './recorded.ts';

export interface Event {
  /** `undefined` when the file does not tell. */
  readonly process: string | undefined;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  /** `txn` for a list of micro-operations. An end may lack it. */
  readonly name: string | undefined;
  /** The name that stands in the file, where that is another. */
  readonly writtenName?: string | undefined;
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
  for (const [position, event] of events.entries()) {
    if ('label' in event) pairing.mark(event.label, position);
    else pairing.take(event, position);
  }
  return pairing.recorded();
}

type Draft = { -readonly [K in keyof Operation]: Operation[K] };

interface Open {
  readonly operation: Draft;
  readonly index: number;
  readonly writtenName: string | undefined;
  /** What the end of the call has in common with its beginning. */
  readonly skeleton: string;
}

class Pairing {
  readonly #operations: Draft[] = [];
  readonly #lines: number[] = [];
  readonly #endLines: number[] = [];
  readonly #marks: Mark[] = [];
  readonly #open = new Map<string, Open>();
  /** Calls of which the file does not tell the process. */
  readonly #anonymous: Open[] = [];
  readonly #hasCalls: boolean;
  /** What ended as it was called, and the names of what ended otherwise. */
  readonly #echoes: Draft[] = [];
  readonly #answering = new Set<string>();
  #impossible: Recorded['impossible'];

  constructor(hasCalls: boolean) {
    this.#hasCalls = hasCalls;
  }

  take(event: Event, position: number): void {
    if (event.type === 'invoke') this.#begin(event, position);
    else if (this.#isRemark(event)) this.mark(event.name ?? event.type, position);
    else this.#end(event, position);
  }

  mark(label: string, at: number): void {
    this.#marks.push({ at, label });
  }

  recorded(): Recorded {
    const echoes = this.#echoes.filter(({ name }) => !this.#answering.has(name));
    const readings = echoes.some(couldBeOffset) ? [ECHO_OF_APPEND] : [];
    for (const operation of echoes) operation.output = undefined;
    return {
      history: this.#operations,
      lines: this.#lines,
      endLines: this.#endLines,
      ...(this.#marks.length > 0 && { marks: this.#marks }),
      ...(readings.length > 0 && { readings }),
      ...(this.#impossible !== undefined && { impossible: this.#impossible }),
    };
  }

  /** `info` that ends nothing: somebody noted something. */
  #isRemark(event: Event): boolean {
    if (event.type !== 'info' || event.name === 'txn') return false;
    if (event.process === undefined) return event.name !== undefined;
    const open = this.#open.get(event.process);
    return open === undefined || !isEndOf(event, open);
  }

  #begin(event: Event, called: number): void {
    const { process, name, value, line, writtenName } = event;
    const operation = this.#add(event, { input: value, called });
    const index = this.#operations.length - 1;
    const open = { operation, index, skeleton: skeletonOf(name, value), writtenName };
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
    const { type, reason } = event;
    const open = this.#takeOpen(event);
    if (open !== undefined) this.#endLines[open.index] = event.line;
    const operation = open?.operation ?? this.#unannounced(event);
    if (type === 'ok') this.#answer(operation, event.value);
    if (type === 'ok' || type === 'fail') {
      operation.outcome = type;
      operation.returned = position;
    }
    if (reason !== undefined) operation.reason = reason;
  }

  #answer(operation: Draft, value: Plain): void {
    operation.output = answerTo(operation, value);
    const { name, input, output } = operation;
    if (output === undefined || output === null || ASKING.has(name)) return;
    if (samePlain(output, input)) this.#echoes.push(operation);
    else this.#answering.add(name);
  }

  #takeOpen(event: Event): Open | undefined {
    const { process, name, value } = event;
    if (process !== undefined) {
      const open = this.#open.get(process);
      this.#open.delete(process);
      if (open !== undefined) this.#compare(open, event, process);
      return open;
    }
    const skeleton = skeletonOf(name, value);
    const at = this.#anonymous.findIndex((open) => open.skeleton === skeleton);
    return at === -1 ? undefined : this.#anonymous.splice(at, 1)[0]!;
  }

  /** An end that cannot be the end of this call. */
  #compare(open: Open, event: Event, process: string): void {
    const { type, value, line } = event;
    const { name, input } = open.operation;
    if (!isEndOf(event, open)) {
      const other = event.writtenName ?? event.name;
      this.#refuse(`process ${process} calls ${open.writtenName ?? name} and ends ${other}`, line);
    } else if (name === 'txn' && type === 'ok' && event.name === 'txn' && value !== null) {
      if (skeletonOf('txn', value) === open.skeleton) return;
      const [called, ended] = [input, withoutReads(value)].map(print);
      this.#refuse(`process ${process} calls the transaction ${called} and ends ${ended}`, line);
    }
  }

  /**
   * A call that was not recorded. Transactions are judged without it, as their dependencies need no
   * times, unless the file records calls; then this one is missing.
   */
  #unannounced(event: Event): Draft {
    const { process, name, value, line } = event;
    if (name === undefined) {
      const message = 'an event has neither f nor a list of micro-operations';
      throw new HistoryError('malformed', message, { line });
    }
    if (name !== 'txn' || (this.#hasCalls && process !== undefined)) {
      const who = process === undefined ? '' : ` by process ${process}`;
      this.#refuse(`${name}${who} ends without having been called`, line);
    }
    const input = name === 'txn' ? withoutReads(value ?? []) : null;
    return this.#add(event, { input, called: Number.NEGATIVE_INFINITY });
  }

  #add({ process, name, line }: Event, { input, called }: { input: Plain; called: number }): Draft {
    const operation: Draft = {
      process: process ?? `unnamed-${this.#operations.length}`,
      name: name!,
      input,
      outcome: 'unknown',
      output: undefined,
      called,
      returned: Number.POSITIVE_INFINITY,
    };
    this.#operations.push(operation);
    this.#lines.push(line);
    this.#endLines.push(line);
    return operation;
  }

  #refuse(message: string, line: number): void {
    this.#impossible ??= { message, line };
  }
}

/** Kinds, keys and written values of a transaction; the name of anything else. */
function skeletonOf(name: string | undefined, value: Plain): string {
  return name === 'txn' ? print(withoutReads(value)) : (name ?? '');
}

/** Whether the names are the same, as far as both are told. */
function isEndOf(event: Event, { operation, writtenName }: Open): boolean {
  const [begun, ended] = [writtenName ?? operation.name, event.writtenName ?? event.name];
  return ended === undefined || begun === ended || operation.name === event.name;
}

/** Operations that return something even where it is what they were called with. */
const ASKING = new Set([
  'txn',
  'read',
  'get',
  'cas',
  'contains',
  'dequeue',
  'pop',
  'drain',
  'generate',
  'add-and-get',
]);

function answerTo({ name, input }: Draft, value: Plain): Plain | undefined {
  if (name === 'cas') return isAnswerOfCas(value, input) ? value : true;
  if (name === 'txn' && value === null) return undefined;
  if (name === 'add-and-get') return sumIn(value, input);
  return value;
}

/** Jepsen's client of JGroups answers [number added, sum]. */
function sumIn(value: Plain, input: Plain): Plain {
  const isPair = isList(value) && value.length === 2 && samePlain(value[0]!, input);
  return isPair && typeof input === 'number' ? value[1]! : value;
}

const ECHO_OF_APPEND =
  'an append that ends with the number that it was called with repeats the call, and tells no offset';

/** An entry that is a number, alone or behind its key. */
function couldBeOffset({ name, input }: Draft): boolean {
  const entry = isList(input) && input.length === 2 ? input[1] : input;
  return name === 'append' && typeof entry === 'number';
}

/** A boolean, or one behind the key of its object. */
function isAnswerOfCas(value: Plain, input: Plain): boolean {
  if (typeof value === 'boolean') return true;
  if (!isList(value) || !isList(input) || value.length !== 2) return false;
  return typeof value[1] === 'boolean' && isList(input[1]) && samePlain(value[0]!, input[0]!);
}

/** A transaction as it was called: what its reads return is not known yet. */
export function withoutReads(value: Plain): Plain {
  if (!isList(value)) return value;
  return value.map((micro) =>
    isList(micro) && (micro[0] === 'r' || micro[0] === 'rp') ? [micro[0], micro[1]!, null] : micro,
  );
}
