// Every checker beside the definition it stands for, tried out by brute force, on random histories.

import type { History } from '../history.ts';
import { counterBounds } from '../invariant/counter.ts';
import { linearizable } from '../linear/linearizable.ts';
import type { Model } from '../linear/model.ts';
import { type HistoryFormat, readHistory } from '../read/format.ts';
import { GUARANTEES, type SessionGuarantee, sessionGuarantee } from '../session/guarantees.ts';
import { sequential } from '../session/sequential.ts';
import { LEVELS, type Level, type Sessions } from '../txn/findings.ts';
import { isolation } from '../txn/isolation.ts';
import type { Verdict } from '../verdict.ts';
import { linearizableByBruteForce, sequentialByBruteForce } from './exhaustive.ts';
import { weakListsByBruteForce } from './exhaustive-lists.ts';
import { guaranteedByDefinition } from './exhaustive-session.ts';
import { isolatedByBruteForce } from './exhaustive-txn.ts';
import { generate, toldByOtherClocks, withLies } from './generate.ts';
import { listTxns, registerTxns } from './generate-txn.ts';
import { INVARIANTS, type Invariant, invariantHistory } from './invariants.ts';
import type { Random } from './random.ts';
import { WORKLOADS, type Workload } from './workloads.ts';
import { asJepsenRecords, writeJepsen } from './write-jepsen.ts';
import { writtenAsSessions } from './write-sessions.ts';

/** One checker and its definition. */
export interface Comparison {
  readonly name: string;
  /** Judges one more history. `holds` is the truth; where that is open, nothing is compared. */
  once(random: Random): { readonly verdict: Verdict['verdict']; readonly holds: boolean } | 'open';
}

const READ_BACK = ['edn', 'json'] as const;
const STAMPED: readonly Level[] = ['causal', 'si', 'ser', 'session-ser', 'strict-ser'];
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
  ...SESSIONS.flatMap((sessions) => LEVELS.map((level) => ofRuledOut(level, sessions))),
  ...WORKLOADS.map(ofWhole),
  ...READ_BACK.flatMap((format) => WORKLOADS.map((workload) => ofReadBack(workload, format))),
  ...READ_BACK.flatMap((format) => LEVELS.map((level) => ofReadBackTxns(level, format))),
  ...STAMPED.map(ofStamps),
  ...LEVELS.filter((level) => level !== 'strict-ser').map(ofSessionFormats),
  ...INVARIANTS.map(ofInvariant),
  ofCounterBounds(),
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
      const history = toldByOtherClocks(operationsOf({ model, client }, random), random);
      const judged = model as Model;
      return { verdict: check(history, judged).verdict, holds: holds(history, judged) };
    },
  };
}

function operationsOf({ model, client }: Pick<Workload, 'model' | 'client'>, random: Random) {
  const shape = { clients: 2 + random.below(3), operations: 6, unknownOneIn: 8 };
  const honest = generate(model, client, shape, random);
  return withLies(honest, model, random.below(4), random);
}

/** All objects as one. */
function ofWhole(workload: Workload): Comparison {
  const check = (history: History, model: Model) =>
    linearizable(history, model, { partition: 'no' });
  return ofWorkload(`as a whole: ${workload.name}`, workload, check, linearizableByBruteForce);
}

/** What is left of a history that a client of Jepsen has recorded, written to a file and read. */
function ofReadBack(workload: Workload, format: 'edn' | 'json'): Comparison {
  const model = workload.model as Model;
  return {
    name: `read from ${format}: ${workload.name}`,
    once(random) {
      const recorded = asJepsenRecords(operationsOf(workload, random));
      const { history } = readHistory(writeJepsen(recorded, format), `jepsen-${format}`);
      const { verdict } = linearizable(history, model);
      return { verdict, holds: linearizableByBruteForce(recorded, model) };
    },
  };
}

function ofReadBackTxns(level: Level, format: 'edn' | 'json'): Comparison {
  return {
    name: `read from ${format}: lists, ${level}`,
    once(random) {
      const recorded = listTxns(shapeOf(random), !random.oneIn(4), random);
      const { history } = readHistory(writeJepsen(recorded, format), `elle-${format}`);
      const { verdict } = isolation(history, level, { sessions: 'ordered' });
      return { verdict, holds: listsByBruteForce(recorded, level, 'ordered') };
    },
  };
}

/** Stamps that fit are a proof; others say nothing. */
function ofStamps(level: Level): Comparison {
  return {
    name: `stamps: ${level}`,
    once(random) {
      const txns = 3 + random.below(3);
      const shape = { txns, sessions: 2, keys: 2, micros: 2, lostOneIn: 0 };
      const history = registerTxns(shape, true, random);
      const stamps = history.map(() => {
        const begin = random.below(6);
        return { begin, commit: begin + random.below(3) };
      });
      const judged = isolation(history, level, { stamps: (_, txn) => stamps[txn] });
      if (judged.wrongStamps !== undefined) return 'open';
      const holds = isolatedByBruteForce(history, level, 'unordered');
      return { verdict: judged.verdict, holds };
    },
  };
}

/** Bounds never break where there is an order. */
function ofCounterBounds(): Comparison {
  const workload = WORKLOADS.find(({ model }) => model.name === 'counter')!;
  return {
    name: 'counter-bounds',
    once(random) {
      const model = workload.model as Model;
      const history = operationsOf(workload, random);
      if (!linearizableByBruteForce(history, model)) return 'open';
      const { verdict } = counterBounds(history, { initial: model.initial as number });
      return verdict === 'unknown' ? 'open' : { verdict, holds: true };
    },
  };
}

/** What nobody has observed enough of is open. */
function ofInvariant(invariant: Invariant): Comparison {
  return {
    name: invariant.name,
    once(random) {
      const history = invariantHistory(invariant, random);
      const { verdict } = invariant.check(history);
      return verdict === 'unknown' ? 'open' : { verdict, holds: invariant.holds(history) };
    },
  };
}

/** Written in one of the formats that have sessions and no time, and read. */
function ofSessionFormats(level: Level): Comparison {
  return {
    name: `read from plume, awdit, dbcop: ${level}`,
    once(random) {
      const shape = { txns: 5, sessions: 3, keys: 2, micros: 3, lostOneIn: 0 };
      const recorded = registerTxns(shape, !random.oneIn(4), random);
      const texts = Object.entries(writtenAsSessions(recorded));
      const [format, text] = random.pick(texts);
      const { history } = readHistory(text, format as HistoryFormat);
      const { verdict } = isolation(history, level, { sessions: 'ordered' });
      return { verdict, holds: isolatedByBruteForce(recorded, level, 'ordered') };
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

function ofLists(level: Level, sessions: Sessions): Comparison {
  return {
    name: `lists: ${level}, sessions ${sessions}`,
    once(random) {
      const history = listTxns(shapeOf(random), !random.oneIn(4), random);
      const { verdict } = isolation(history, level, { sessions });
      return { verdict, holds: listsByBruteForce(history, level, sessions) };
    },
  };
}

const MODEL_OF: Readonly<Record<Level, string>> = {
  rc: 'read-committed',
  ra: 'read-atomic',
  causal: 'causal',
  si: 'snapshot-isolation',
  ser: 'serializable',
  'session-ser': 'strong-session-serializable',
  'strict-ser': 'strict-serializable',
};

/** What a verdict says that a history is not: none of it may hold, and what was asked is in it. */
function ofRuledOut(level: Level, sessions: Sessions): Comparison {
  return {
    name: `ruled out: ${level}, sessions ${sessions}`,
    once(random) {
      const isLists = random.oneIn(2);
      const generate = isLists ? listTxns : registerTxns;
      const history = generate(shapeOf(random), random.oneIn(4), random);
      const { verdict, ruledOut } = isolation(history, level, { sessions });
      const not = new Set([...ruledOut.not, ...ruledOut.alsoNot]);
      // With sessions in the definition, it may be a model that has them in its name.
      const isNamed = not.has(MODEL_OF[level]) || (sessions === 'ordered' && not.size > 0);
      if ((verdict === 'invalid') !== isNamed) return { verdict: 'valid', holds: false };
      const holds = isLists ? listsByBruteForce : isolatedByBruteForce;
      const wrong = LEVELS.some(
        (other) => not.has(MODEL_OF[other]) && holds(history, other, sessions),
      );
      return { verdict: 'invalid', holds: wrong };
    },
  };
}

/** Whether lists are as the level asks, by trying every order. */
export function listsByBruteForce(history: History, level: Level, sessions: Sessions): boolean {
  return level === 'rc' || level === 'ra' || level === 'causal'
    ? weakListsByBruteForce(history, level, sessions)
    : isolatedByBruteForce(history, level, sessions);
}
