// Every checker beside the definition it stands for, tried out by brute force, on random histories.

import type { History } from '../history.ts';
import { linearizable } from '../linear/linearizable.ts';
import type { Model } from '../linear/model.ts';
import { type SessionGuarantee, sessionGuarantee } from '../session/guarantees.ts';
import { sequential } from '../session/sequential.ts';
import type { Level, Sessions } from '../txn/findings.ts';
import { isolation } from '../txn/isolation.ts';
import type { Verdict } from '../verdict.ts';
import { linearizableByBruteForce, sequentialByBruteForce } from './exhaustive.ts';
import { weakListsByBruteForce } from './exhaustive-lists.ts';
import { guaranteedByDefinition } from './exhaustive-session.ts';
import { isolatedByBruteForce } from './exhaustive-txn.ts';
import { generate, withLies } from './generate.ts';
import { listTxns, registerTxns } from './generate-txn.ts';
import type { Random } from './random.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

/** One checker and its definition. */
export interface Comparison {
  readonly name: string;
  /** Judges one more history. `holds` is the truth; where that is open, nothing is compared. */
  once(random: Random): { readonly verdict: Verdict['verdict']; readonly holds: boolean } | 'open';
}

const LEVELS: readonly Level[] = ['rc', 'ra', 'causal', 'si', 'ser', 'session-ser', 'strict-ser'];
const GUARANTEES: readonly SessionGuarantee[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];
const SESSIONS: readonly Sessions[] = ['ordered', 'unordered'];

export const COMPARISONS: readonly Comparison[] = [
  ...WORKLOADS.map((workload) =>
    ofWorkload(`linearizable: ${workload.name}`, workload, linearizable, linearizableByBruteForce),
  ),
  ...WORKLOADS.map((workload) =>
    ofWorkload(`sequential: ${workload.name}`, workload, sequential, sequentialByBruteForce),
  ),
  ...GUARANTEES.map(ofGuarantee),
  ...SESSIONS.flatMap((sessions) => LEVELS.map((level) => ofRegisters(level, sessions))),
  ...SESSIONS.flatMap((sessions) => LEVELS.map((level) => ofLists(level, sessions))),
];

type Check = (...judged: Parameters<typeof linearizableByBruteForce<unknown>>) => Verdict;

function ofWorkload(
  name: string,
  { model, client }: Workload,
  check: Check,
  holds: typeof linearizableByBruteForce<unknown>,
): Comparison {
  return {
    name,
    once(random) {
      const shape = { clients: 2 + random.below(3), operations: 6, unknownOneIn: 8 };
      const honest = generate(model, client, shape, random);
      const history = withLies(honest, model, random.below(4), random);
      const judged = model as Model;
      return { verdict: check(history, judged).verdict, holds: holds(history, judged) };
    },
  };
}

function ofGuarantee(guarantee: SessionGuarantee): Comparison {
  return {
    name: guarantee,
    once(random) {
      const shape = { txns: 6, sessions: 3, keys: 2, micros: 1, lostOneIn: 9 };
      const history = registerTxns(shape, !random.oneIn(3), random);
      const { verdict } = sessionGuarantee(history, guarantee);
      return { verdict, holds: guaranteedByDefinition(history, guarantee) };
    },
  };
}

function shapeOf(random: Random): Parameters<typeof registerTxns>[0] {
  const txns = 2 + random.below(4);
  const predicateOneIn = random.oneIn(3) ? 4 : 0;
  return { txns, sessions: 1 + random.below(3), keys: 2, micros: 3, lostOneIn: 6, predicateOneIn };
}

function ofRegisters(level: Level, sessions: Sessions): Comparison {
  return {
    name: `registers: ${level}, sessions ${sessions}`,
    once(random) {
      const history = registerTxns(shapeOf(random), !random.oneIn(4), random);
      const { verdict } = isolation(history, level, { sessions });
      return { verdict, holds: isolatedByBruteForce(history, level, sessions) };
    },
  };
}

/** Lists are judged by what reads tell; that snapshot isolation holds cannot always be told. */
function ofLists(level: Level, sessions: Sessions): Comparison {
  return {
    name: `lists: ${level}, sessions ${sessions}`,
    once(random) {
      const history = listTxns(shapeOf(random), !random.oneIn(4), random);
      const { verdict } = isolation(history, level, { sessions });
      if (level === 'si' && verdict === 'valid') return 'open';
      return { verdict, holds: listsByBruteForce(history, level, sessions) };
    },
  };
}

/** Whether lists are as the level asks, by trying every order. */
export function listsByBruteForce(history: History, level: Level, sessions: Sessions): boolean {
  return level === 'rc' || level === 'ra' || level === 'causal'
    ? weakListsByBruteForce(history, level, sessions)
    : isolatedByBruteForce(history, level, sessions);
}
