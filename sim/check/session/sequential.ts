import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { requireSessions } from '../impossible.ts';
import { stateWords } from '../linear/configurations.ts';
import { linearizable } from '../linear/linearizable.ts';
import { Machine } from '../linear/machine.ts';
import { Meter } from '../linear/meter.ts';
import { type Model, validate } from '../linear/model.ts';
import { partsOf } from '../linear/parts.ts';
import { whole } from '../linear/whole.ts';
import { isolation } from '../txn/isolation.ts';
import type { Limits, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { inRealTime } from './real-time.ts';
import { SessionSearch, type Sessions } from './session-search.ts';

const MODEL = 'sequential';
const STEPS_MAX = 200_000_000;
const CONFIGURATIONS_MAX = 16_000_000;
/** What finding a linearization may cost first: most systems have one, and its search is by object. */
const LINEARIZABLE_STEPS_MAX = 2_000_000;

/** Models whose reads and writes are transactions of one operation, and the names of these. */
const REGISTERS = new Set(['register', 'cas-register', 'kv']);
const READS_AND_WRITES = new Set(['read', 'write', 'get', 'put']);

/**
 * Whether the operations can be put into one order that the model allows and that keeps the order
 * of every session, whatever the times. All objects are looked at together, because sequential
 * consistency of each does not make it of all.
 *
 * Histories of single reads and writes with values that differ are decided as transactions of one
 * operation. What is linearizable is sequentially consistent, and far easier to find. The others are
 * searched.
 *
 * @throws HistoryError `unknown-operation`, `bad-input`, `bad-model`, `impossible`
 */
export function sequential<State>(
  history: History,
  model: Model<State>,
  options: Limits = {},
): Verdict {
  validate(history, model as Model);
  requireSessions(history);
  if (REGISTERS.has(model.name) && history.every(({ name }) => READS_AND_WRITES.has(name))) {
    const initial = model.initial as Plain;
    const { verdict, reason, anomalies, operations, steps } = isolation(history, 'session-ser', {
      ...options,
      initial,
    });
    if (verdict !== 'unknown')
      return { verdict, model: MODEL, reason, anomalies, operations, steps };
  }
  return (
    refuteInAnyOrder(history, model as Model) ??
    proveInRealTime(history, model as Model, options) ??
    searchSessions(history, whole(model) as Model, options)
  );
}

function proveInRealTime(history: History, model: Model, options: Limits): Verdict | undefined {
  const { stepsMax = STEPS_MAX, configurationsMax = CONFIGURATIONS_MAX } = options;
  const { verdict, steps } = linearizable(inRealTime(history), model, {
    stepsMax: Math.min(stepsMax, LINEARIZABLE_STEPS_MAX),
    configurationsMax,
  });
  if (verdict !== 'valid') return undefined;
  const reason = 'linearizable, and so in the order of every session';
  return { verdict, model: MODEL, reason, anomalies: [], operations: history.length, steps };
}

/**
 * What cannot be in any order of the operations cannot be in one that keeps that of the sessions.
 * Linearizability without times asks for that, and many models have a quick answer.
 */
function refuteInAnyOrder(history: History, model: Model): Verdict | undefined {
  const { shortcut } = model;
  if (shortcut === undefined) return undefined;
  const timeless = history.map((operation) => ({ ...operation, called: 0, returned: Infinity }));
  const parts = partsOf(timeless, model);
  let steps = 0;
  for (let part = 0; part < parts.count; part++) {
    const operations = parts.operations(part);
    steps += operations.length;
    const decision = shortcut(timeless, operations);
    if (decision === undefined || decision.valid) continue;
    const involved = decision.operations.map((i) => operationInWords(history[i]!)).join(', ');
    const message = `there cannot be ${involved}, in whatever order`;
    const anomalies = [{ name: 'not-sequential', message, operations: decision.operations }];
    const { length } = history;
    return {
      verdict: 'invalid',
      model: MODEL,
      reason: message,
      anomalies,
      operations: length,
      steps,
    };
  }
  return undefined;
}

function searchSessions(history: History, model: Model, options: Limits): Verdict {
  const { stepsMax = STEPS_MAX, configurationsMax = CONFIGURATIONS_MAX } = options;
  const operations = history.filter(({ outcome }) => outcome !== 'fail');
  const sessions = sessionsOf(operations);
  const meter = new Meter(stepsMax, stateWords(configurationsMax));
  const conclude = (
    verdict: Verdict['verdict'],
    reason: string,
    anomalies: Verdict['anomalies'] = [],
  ): Verdict => {
    const { length } = history;
    return { verdict, model: MODEL, reason, anomalies, operations: length, steps: meter.steps };
  };
  let farthest: { placed: number; heads: readonly number[]; state: number } | undefined;
  const onDeadEnd = (positions: Int32Array, state: number) => {
    const placed = positions.reduce((sum, position) => sum + position, 0);
    if (farthest !== undefined && placed <= farthest.placed) return;
    const heads = sessions.required.flatMap((list, s) => list[positions[s]!] ?? []);
    farthest = { placed, heads, state };
  };
  let machine: Machine | undefined;
  const end = meter.limit(() => {
    machine = new Machine(model, operations, meter);
    return new SessionSearch(sessions, machine, meter, configurationsMax).run(onDeadEnd);
  });
  if (end === 'valid') return conclude('valid', 'every operation can be placed');
  if (end === 'steps') return conclude('unknown', `undecided after ${stepsMax} steps`);
  if (end === 'configurations' || end === 'memory') {
    const reason = `undecided with the memory full that ${configurationsMax} configurations may take`;
    return conclude('unknown', reason);
  }
  const { heads, state } = farthest!;
  const stuck = heads.map((i) => operationInWords(operations[i]!)).join(', ');
  const message = `after the longest order, in the state ${machine!.describe(state)}, no session can go on: ${stuck}`;
  const stuckOperations = heads.map((i) => history.indexOf(operations[i]!));
  return conclude('invalid', message, [
    { name: 'not-sequential', message, operations: stuckOperations },
  ]);
}

function sessionsOf(operations: readonly Operation[]): Sessions {
  const required = new Map<string, number[]>();
  const optional: { operation: number; process: string; after: number }[] = [];
  for (const [operation, { process, outcome }] of operations.entries()) {
    const session = required.get(process) ?? [];
    required.set(process, session);
    if (outcome === 'ok') session.push(operation);
    else optional.push({ operation, process, after: session.length });
  }
  const names = [...required.keys()];
  return {
    required: [...required.values()],
    optional: optional.map(({ operation, process, after }) => ({
      operation,
      session: names.indexOf(process),
      after,
    })),
  };
}
