// Random histories for the invariants, and what each means, pair by pair.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { longFork } from '../invariant/long-fork.ts';
import { monotonic } from '../invariant/monotonic.ts';
import { totalQueue, uniqueIds } from '../invariant/queues.ts';
import { finalSet, setFull } from '../invariant/sets.ts';
import { convergence } from '../session/convergence.ts';
import type { Verdict } from '../verdict.ts';
import type { Random } from './random.ts';

export interface Invariant {
  readonly name: string;
  readonly check: (history: History) => Verdict;
  readonly call: (random: Random) => Pick<Operation, 'name' | 'input' | 'output'>;
  readonly holds: (history: History) => boolean;
}

/** Calls at random times, of which one in five has an unknown outcome or failed. */
export function invariantHistory({ call }: Pick<Invariant, 'call'>, random: Random): History {
  return Array.from({ length: 2 + random.below(5) }, (_, i): Operation => {
    const called = 2 * i + random.below(2);
    const outcome = random.oneIn(5) ? random.pick(['unknown', 'fail'] as const) : 'ok';
    const lasts = random.pick([1, 1, 3, 8]);
    const returned = outcome === 'unknown' || random.oneIn(10) ? Infinity : called + lasts;
    const { output, ...asked } = call(random);
    const seen = outcome === 'ok' ? output : undefined;
    return { process: `p${i}`, ...asked, outcome, output: seen, called, returned };
  });
}

export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'set-full',
    check: setFull,
    call: setCall,
    holds: (history) =>
      readsIn(history).every((read) => isList(read, history)) &&
      [0, 1].every((element) => {
        const reads = readsIn(history);
        const adds = history.filter((one) => isAdd(one, element));
        const has = ({ output }: Operation) => (output as readonly Plain[]).includes(element);
        const known = Math.min(
          ...adds.filter(({ outcome }) => outcome === 'ok').map(({ returned }) => returned),
          ...reads.filter(has).map(({ returned }) => returned),
        );
        const lacking = reads.filter((read) => !has(read) && read.called > known);
        return lacking.every((read) =>
          reads.some((other) => has(other) && latest(lacking, read) < other.called),
        );
      }),
  },
  {
    name: 'final-set',
    check: finalSet,
    call: setCall,
    holds: (history) => {
      const reads = readsIn(history).toSorted((a, b) => a.returned - b.returned);
      const last = reads.at(-1)!;
      const has = (element: number) => (last.output as readonly Plain[]).includes(element);
      return [0, 1].every((element) => {
        const adds = history.filter((one) => isAdd(one, element));
        if (has(element)) return adds.some(({ called }) => called <= last.returned);
        return !adds.some(({ outcome, returned }) => outcome === 'ok' && returned < last.called);
      });
    },
  },
  {
    name: 'total-queue',
    check: totalQueue,
    call: (random) => {
      const name = random.pick(['enqueue', 'enqueue', 'dequeue', 'dequeue', 'drain']);
      const value = random.below(2);
      if (name === 'enqueue') return { name, input: value, output: null };
      const taken = random.pick([null, value]);
      const drained = random.pick([[], [0], [1], [0, 1], [1, 1]]);
      return { name, input: null, output: name === 'drain' ? drained : taken };
    },
    holds: (history) => {
      const done = history.filter(({ outcome }) => outcome !== 'fail');
      const unseen = done.filter(({ name, outcome }) => name !== 'enqueue' && outcome !== 'ok');
      let missing = 0;
      for (const value of [0, 1]) {
        const ins = done.filter(({ name, input }) => name === 'enqueue' && input === value);
        const outs = done.flatMap((operation) => {
          const { output = null } = operation;
          const list = (operation.name === 'drain' ? output : [output]) as readonly Plain[];
          const taken = operation.outcome !== 'ok' || operation.name === 'enqueue' ? [] : list;
          return taken.filter((one) => one === value).map(() => operation);
        });
        if (!canMatch(outs, ins)) return false;
        const acknowledged = ins.filter(({ outcome }) => outcome === 'ok').length;
        missing += Math.max(0, acknowledged - outs.length);
      }
      return missing <= unseen.length || unseen.some(({ name }) => name === 'drain');
    },
  },
  {
    name: 'long-fork',
    check: longFork,
    call: (random) => {
      const see = () => random.pick([null, 1]);
      const seen = ['x', 'y', 'z'].slice(random.below(2)).map((key) => ['r', key, see()]);
      return { name: 'txn', input: seen.map(([, key]) => ['r', key!, null]), output: seen };
    },
    holds: (history) => {
      const reads = history.filter(({ outcome }) => outcome === 'ok').map(({ output }) => output);
      const saw = (read: unknown, one: string, other: string) => {
        const value = Object.fromEntries((read as Plain[][]).map(([, key, seen]) => [key, seen]));
        return value[one] === 1 && value[other] === null;
      };
      return ['xy', 'yz', 'xz'].every((pair) => {
        const [one, other] = [...pair] as [string, string];
        return !(
          reads.some((read) => saw(read, one, other)) && reads.some((read) => saw(read, other, one))
        );
      });
    },
  },
  {
    name: 'monotonic',
    check: monotonic,
    call: (random) => ({ name: 'read', input: null, output: random.below(4) }),
    holds: (history) => {
      const reads = readsIn(history);
      return !reads.some((a) =>
        reads.some((b) => a.returned < b.called && (a.output as number) > (b.output as number)),
      );
    },
  },
  {
    name: 'unique-ids',
    check: uniqueIds,
    call: (random) => ({ name: 'generate', input: null, output: random.below(20) }),
    holds: (history) => {
      const ids = history.filter(({ outcome }) => outcome === 'ok').map(({ output }) => output);
      return new Set(ids).size === ids.length;
    },
  },
  {
    name: 'convergence',
    check: convergence,
    call: (random) => {
      const [key, value] = [random.pick(['x', 'y']), random.below(2)];
      return random.oneIn(3)
        ? { name: 'put', input: { key, value }, output: null }
        : { name: 'get', input: { key }, output: value };
    },
    holds: (history) => {
      const puts = history.filter(({ name, outcome }) => name === 'put' && outcome !== 'fail');
      const over = Math.max(
        ...puts.map(({ called, returned }) => (returned === Infinity ? called : returned)),
      );
      const keyOf = ({ input }: Operation) => (input as { key: string }).key;
      const open = puts.filter(({ returned }) => returned === Infinity).map(keyOf);
      const finals = history.filter(
        (one) => one.name === 'get' && one.outcome === 'ok' && one.called > over,
      );
      return !finals.some((a) =>
        finals.some(
          (b) => keyOf(a) === keyOf(b) && a.output !== b.output && !open.includes(keyOf(a)),
        ),
      );
    },
  },
];

function setCall(random: Random): Pick<Operation, 'name' | 'input' | 'output'> {
  if (random.oneIn(2)) return { name: 'add', input: random.below(2), output: null };
  const seen = random.pick([[], [0], [1], [0, 1], [1, 0], [1, 1]]);
  return { name: 'read', input: null, output: random.oneIn(3) ? [0, 1] : seen };
}

function readsIn(history: History): readonly Operation[] {
  return history.filter(({ name, outcome }) => name === 'read' && outcome === 'ok');
}

function isAdd({ name, input, outcome }: Operation, element: Plain): boolean {
  return name === 'add' && outcome !== 'fail' && input === element;
}

/** No element twice, and none that nobody had begun to add. */
function isList({ output, returned }: Operation, history: History): boolean {
  const list = output as readonly Plain[];
  const isThere = (element: Plain) =>
    history.some((one) => isAdd(one, element) && one.called <= returned);
  return new Set(list).size === list.length && list.every(isThere);
}

/** The latest call of those, the given one among them, that a later read has to come after. */
function latest(lacking: readonly Operation[], read: Operation): number {
  return Math.max(read.called, ...lacking.map(({ called }) => called));
}

/** Whether each of these took a value that another one of those had begun to put in. */
function canMatch(outs: readonly Operation[], ins: readonly Operation[]): boolean {
  const [out, ...others] = outs;
  if (out === undefined) return true;
  return ins.some(
    (one) =>
      one.called <= out.returned &&
      canMatch(
        others,
        ins.filter((other) => other !== one),
      ),
  );
}
