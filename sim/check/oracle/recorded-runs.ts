// Histories as a test of a real system would record them, for benchmarks: clients call a system that
// is right, each operation takes effect at a random moment between its call and its return, and
// where a fault is wanted one is planted. The same seed gives the same history.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { Random } from './random.ts';

type Draft = { -readonly [K in keyof Operation]: Operation[K] };

interface Size {
  readonly clients: number;
  readonly operations: number;
}

/** What the clients call. Both are called in the order in which they happen. */
interface System {
  /** The next call of a client; `ordinal` counts the calls. */
  call(ordinal: number, client: number): Pick<Operation, 'name' | 'input'>;
  /** Takes effect, and may change what the call says of it; returns the answer. */
  apply(operation: Draft): Plain;
}

function record({ clients, operations }: Size, random: Random, system: System): History {
  const history: Draft[] = [];
  const open: (Draft | undefined)[] = new Array(clients).fill(undefined);
  const applied = new Uint8Array(clients);
  const names = open.map((_, client) => String(client));
  let now = 0;
  let busy = 0;
  while (history.length < operations || busy > 0) {
    const client = random.below(clients);
    const operation = open[client];
    if (operation === undefined) {
      if (history.length === operations) continue;
      const { name, input } = system.call(history.length, client);
      const draft: Draft = {
        process: names[client]!,
        name,
        input,
        outcome: 'ok',
        output: undefined,
        called: now++,
        returned: Infinity,
      };
      history.push(draft);
      open[client] = draft;
      applied[client] = 0;
      busy++;
    } else if (applied[client] === 0) {
      operation.output = system.apply(operation);
      applied[client] = 1;
    } else {
      operation.returned = now++;
      open[client] = undefined;
      busy--;
    }
  }
  return history;
}

/** A register whose written values are all different. */
export function uniqueRegister(size: Size, seed: number): History {
  const random = new Random(seed);
  let value: Plain = null;
  return record(size, random, {
    call: (ordinal) =>
      random.oneIn(2) ? { name: 'write', input: ordinal } : { name: 'read', input: null },
    apply({ name, input }) {
      if (name === 'read') return value;
      value = input;
      return null;
    },
  });
}

/** A queue whose values are all different; as many are taken as put in. */
export function uniqueQueue(size: Size, seed: number): History {
  const random = new Random(seed);
  const values: number[] = [];
  let first = 0;
  return record(size, random, {
    call: (ordinal) =>
      random.oneIn(2) ? { name: 'enqueue', input: ordinal } : { name: 'dequeue', input: null },
    apply({ name, input }) {
      if (name === 'dequeue') return first < values.length ? values[first++]! : null;
      values.push(input as number);
      return null;
    },
  });
}

/** A stack of values from 0 to 9. */
export function valueStack(size: Size, seed: number): History {
  const random = new Random(seed);
  const values: Plain[] = [];
  return record(size, random, {
    call: () =>
      random.oneIn(2) ? { name: 'push', input: random.below(10) } : { name: 'pop', input: null },
    apply({ name, input }) {
      if (name === 'pop') return values.pop() ?? null;
      values.push(input);
      return null;
    },
  });
}

/**
 * The history with one answer false: in the last tenth, an operation of this name is given another
 * answer that one of them had in the first tenth.
 */
export function withStaleAnswer(history: History, name: string): History {
  const indices = [...history.keys()].filter((i) => history[i]!.name === name);
  const late = indices[Math.floor(indices.length * 0.95)]!;
  const early = indices.find((i) => {
    const { output } = history[i]!;
    return output !== history[late]!.output && output !== null;
  })!;
  const { output } = history[early]!;
  return history.map((operation, i) => (i === late ? { ...operation, output } : operation));
}

/** A set whose elements are each added and removed once at most, and looked for around that time. */
export function uniqueSet(size: Size, seed: number): History {
  const random = new Random(seed);
  const elements = new Set<Plain>();
  let added = 0;
  let removed = 0;
  return record(size, random, {
    call() {
      const what = random.below(3);
      if (what === 0 || added <= removed + 64) return { name: 'add', input: added++ };
      if (what === 1) return { name: 'remove', input: removed++ };
      return { name: 'contains', input: removed - 8 + random.below(added - removed + 8) };
    },
    apply({ name, input }) {
      if (name === 'contains') return elements.has(input);
      if (name === 'remove') return elements.delete(input);
      elements.add(input);
      return true;
    },
  });
}

/**
 * A store of texts, as in the labs of MIT 6.824: half of the calls append, a tenth puts. With
 * `stale`, one get of the last tenth returns what its key held 20 versions before.
 */
export function textStore(
  { keys, stale, ...size }: Size & { readonly keys: number; readonly stale: boolean },
  seed: number,
): History {
  const random = new Random(seed);
  const versions = Array.from({ length: keys }, () => ['']);
  const keyOf = (input: Plain) => (input as { readonly key: string }).key;
  let wanted = stale ? Math.ceil(size.operations * 0.9) : Infinity;
  let applied = 0;
  return record(size, random, {
    call(ordinal, client) {
      const key = String(random.below(keys));
      const die = random.below(10);
      if (die >= 6) return { name: 'get', input: { key } };
      const name = die === 0 ? 'put' : 'append';
      return { name, input: { key, value: `x ${client} ${ordinal} y` } };
    },
    apply({ name, input }) {
      applied++;
      const texts = versions[Number(keyOf(input))]!;
      const text = texts.at(-1)!;
      if (name === 'get') {
        if (applied <= wanted || texts.length <= 20) return text;
        wanted = Infinity;
        return texts.at(-20)!;
      }
      const { value } = input as { readonly value: string };
      texts.push(name === 'put' ? value : text + value);
      return null;
    },
  });
}

/**
 * Lists: transactions of 1 to 5 reads and appends on 10 keys at a time, each of which is given up
 * after `appends` elements. With `skew` two transactions half way read each other's key and append
 * to their own, and neither sees the other.
 */
export function listTransactions(
  { appends, skew, ...size }: Size & { readonly appends: number; readonly skew: boolean },
  seed: number,
): History {
  const random = new Random(seed);
  const lists: number[][] = [];
  const keys = Array.from({ length: 10 }, () => lists.push([]) - 1);
  let applied = 0;
  /** By key: how many elements were handed out. */
  const elements: number[] = [];
  const elementOf = (key: number): number => {
    const element = elements[key] ?? 0;
    elements[key] = element + 1;
    return element;
  };
  const append = (key: number, value: number) => {
    lists[key]!.push(value);
    const at = keys.indexOf(key);
    if (at !== -1 && lists[key]!.length >= appends) keys[at] = lists.push([]) - 1;
  };
  const plant = (operation: Draft, second: boolean): Plain => {
    const [a, b] = second ? [keys[1]!, keys[0]!] : [keys[0]!, keys[1]!];
    const seen = second ? lists[a]!.slice(0, -1) : lists[a]!.slice();
    const value = elementOf(b);
    lists[b]!.push(value);
    operation.input = [
      ['r', a, null],
      ['append', b, value],
    ];
    return [
      ['r', a, seen],
      ['append', b, value],
    ];
  };
  const half = skew ? size.operations >> 1 : -2;
  return record(size, random, {
    call() {
      const micro = Array.from({ length: 1 + random.below(5) }, () => {
        const key = random.pick(keys);
        return random.oneIn(2) ? ['r', key, null] : ['append', key, elementOf(key)];
      });
      return { name: 'txn', input: micro };
    },
    apply(operation) {
      const at = applied++;
      if (at === half || at === half + 1) return plant(operation, at !== half);
      return (operation.input as readonly (readonly [string, number, number | null])[]).map(
        ([kind, key, value]) => {
          if (kind === 'r') return ['r', key, lists[key]!.slice()];
          append(key, value!);
          return [kind, key, value];
        },
      );
    },
  });
}

/** Registers: each session makes so many transactions of so many reads and writes. */
export function registerTransactions(
  { micros, keys, ...size }: Size & { readonly micros: number; readonly keys: number },
  seed: number,
): History {
  const random = new Random(seed);
  const values: (number | null)[] = new Array(keys).fill(null);
  let written = 0;
  return record(size, random, {
    call: () => ({
      name: 'txn',
      input: Array.from({ length: micros }, () => {
        const key = random.below(keys);
        return random.oneIn(2) ? ['r', key, null] : ['w', key, ++written];
      }),
    }),
    apply: ({ input }) =>
      (input as readonly (readonly [string, number, number | null])[]).map(([kind, key, value]) => {
        if (kind === 'w') values[key] = value;
        return [kind, key, values[key]!];
      }),
  });
}

/**
 * The log of an etcd register in the words of Jepsen: 5 clients read, write and compare-and-set
 * values from 0 to 4. One call in 16 times out: it takes effect later, or never, and its client goes
 * on under a new number. With `stale`, one read in 8 is answered by a replica that lags behind.
 */
export function etcdLog(
  { operations, stale }: { readonly operations: number; readonly stale: boolean },
  seed: number,
): string {
  const random = new Random(seed);
  const lines: string[] = [];
  const tell = (process: number, type: string, name: string, value: string) =>
    lines.push(`INFO  jepsen.util - ${process}\t:${type}\t:${name}\t${value}\n`);
  const processes = [0, 1, 2, 3, 4];
  interface Call {
    readonly name: 'read' | 'write' | 'cas';
    readonly values: readonly [number, number];
    answer?: 'ok' | 'fail';
    seen?: string;
  }
  const open: (Call | undefined)[] = processes.map(() => undefined);
  const late: Call[] = [];
  let [value, before] = ['nil', 'nil'];
  const apply = (call: Call): void => {
    const { name, values } = call;
    call.answer = name === 'cas' && value !== String(values[0]) ? 'fail' : 'ok';
    if (name === 'read') call.seen = stale && random.oneIn(8) ? before : value;
    else if (call.answer === 'ok') {
      [before, value] = [value, String(values[name === 'cas' ? 1 : 0])];
    }
  };
  const words = ({ name, values }: Call) =>
    name === 'read' ? 'nil' : name === 'write' ? `${values[0]}` : `[${values.join(' ')}]`;
  let called = 0;
  let busy = 0;
  while (called < operations || busy > 0) {
    if (late.length > 0 && random.oneIn(8)) apply(late.shift()!);
    const client = random.below(processes.length);
    const process = processes[client]!;
    const call = open[client];
    if (call === undefined) {
      if (called === operations) continue;
      called++;
      busy++;
      const name = random.pick(['read', 'read', 'write', 'cas'] as const);
      const next: Call = { name, values: [random.below(5), random.below(5)] };
      open[client] = next;
      tell(process, 'invoke', name, words(next));
    } else if (call.answer !== undefined) {
      tell(process, call.answer, call.name, call.seen ?? words(call));
      open[client] = undefined;
      busy--;
    } else if (random.oneIn(16)) {
      tell(process, call.name === 'read' ? 'fail' : 'info', call.name, ':timed-out');
      if (call.name !== 'read') {
        if (random.oneIn(2)) late.push(call);
        processes[client] = process + processes.length;
      }
      open[client] = undefined;
      busy--;
    } else {
      apply(call);
    }
  }
  return lines.join('');
}
