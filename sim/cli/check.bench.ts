/**
 * The rows `check/…` of `npm run bench`: how long the checkers take, reading not included. What they
 * judge is written to `.groundhog/bench/check/` first, so that others can be given the same.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { History } from '../check/history.ts';
import { MODELS, type ModelParameters } from '../check/models.ts';
import {
  etcdLog,
  listTransactions,
  registerTransactions,
  textStore,
  uniqueQueue,
  uniqueRegister,
  uniqueSet,
  valueStack,
  withStaleAnswer,
} from '../check/oracle/recorded-runs.ts';
import { ednLines } from '../check/oracle/write-edn.ts';
import { readEtcd } from '../check/read/etcd.ts';
import type { Verdict } from '../check/verdict.ts';
import type { MeasuredRow, Rows } from '../trace/bench-row.ts';
import { allocatedBytes, ratesOf } from './measure.ts';

const FOLDER = join('.groundhog', 'bench', 'check');
const MILLION = 1_000_000;
const CLIENTS_50 = { clients: 50, operations: MILLION };
const SEED = 1;

export async function* rows(): Rows {
  const small = { clients: 50, operations: 2_000, keys: 10 };
  yield* timed('register-100', { target: '<= 100', rounds: 40 }, registerLogs);
  for (const [name, target, stale] of [
    ['kv-valid', '<= 50', false],
    ['kv-invalid', '<= 12', true],
  ] as const) {
    yield* timed(name, { target, rounds: 40 }, () => {
      const history = written(name, textStore({ ...small, stale }, SEED));
      return () => judge(history, 'kv', stale ? 'invalid' : 'valid', { init: '' });
    });
  }
  for (const [name, model, target, recorded, asked] of [
    ['unique-register', 'register', '<= 80', uniqueRegister, 'read'],
    ['queue', 'queue', '<= 500', uniqueQueue, 'dequeue'],
    ['set', 'set', '<= 500', uniqueSet, 'contains'],
  ] as const) {
    const history = recorded(CLIENTS_50, SEED);
    yield* timed(name, { target }, () => {
      written(name, history);
      return () => judge(history, model, 'valid');
    });
    yield* timed(`${name}-invalid`, {}, () => {
      const stale = withStaleAnswer(history, asked);
      return () => judge(stale, model, 'invalid');
    });
  }
  yield* timed('stack', { rounds: 5 }, () => {
    const history = written('stack', valueStack({ clients: 5, operations: 500 }, SEED));
    return () => judge(history, 'stack', 'valid');
  });
  yield* timed('sequential', { rounds: 20 }, () => {
    const history = written('sequential', textStore({ ...small, stale: false }, SEED));
    return () => judge(history, 'sequential', 'valid', { init: '' });
  });
  yield* listRows();
  yield* timed('causal', { target: '<= 200', rounds: 20 }, () => {
    const shape = { clients: 25, operations: 5_000, micros: 20, keys: 1_000 };
    const history = written('causal', registerTransactions(shape, SEED));
    return () => judge(history, 'causal', 'valid');
  });
  yield* timed('polygraph', { rounds: 5 }, () => {
    const shape = { clients: 10, operations: 500, micros: 4, keys: 10 };
    const history = written('polygraph', registerTransactions(shape, SEED));
    return () => judge(history, 'si', 'valid');
  });
  yield memoryRow();
}

/** Milliseconds of what `prepare` returns; what it holds on to is let go before the next row. */
async function* timed(
  name: string,
  { target, rounds }: { readonly target?: string; readonly rounds?: number },
  prepare: () => () => void,
): Rows {
  const run = prepare();
  const work = {
    name,
    run: () => {
      run();
      return 1;
    },
  };
  const rates = await ratesOf([work], rounds);
  yield row(name, 1000 / rates.get(name)!, 'ms', target);
}

function row(name: string, raw: number, unit: string, target?: string): MeasuredRow {
  const measured = { name: `check/${name}`, raw, unit, better: 'lower', scales: 'time' } as const;
  return target === undefined ? measured : { ...measured, target };
}

/** How many of the 50 logs in which a replica lags behind show it: the others hold all the same. */
const STALE_SHOWN = 39;

/** Half of the logs are of a register that is one; in the others a replica lags behind. */
function registerLogs(): () => void {
  const histories = Array.from({ length: 100 }, (_, i) => {
    const text = etcdLog({ operations: 70 + (i % 21), stale: i % 2 === 1 }, i);
    write(`register-${String(i).padStart(3, '0')}.log`, [text]);
    return readEtcd(text).history;
  });
  return () => {
    let shown = 0;
    for (const [i, history] of histories.entries()) {
      const { verdict } = MODELS['cas-register']!(history, {});
      if (verdict !== 'valid' && i % 2 === 0) throw new Error(`register-${i} is ${verdict}`);
      if (verdict === 'unknown') throw new Error(`register-${i} is undecided`);
      if (verdict === 'invalid') shown++;
    }
    if (shown !== STALE_SHOWN)
      throw new Error(`${shown} stale logs are invalid, not ${STALE_SHOWN}`);
  };
}

const LISTS = { clients: 20, operations: 300_000, appends: 100, skew: false };

async function* listRows(): Rows {
  const valid = written('list-append', listTransactions(LISTS, SEED));
  const work = {
    name: 'list-append',
    run: () => {
      judge(valid, 'strict-ser', 'valid');
      return valid.length;
    },
  };
  yield {
    name: 'check/list-append',
    raw: (await ratesOf([work])).get(work.name)!,
    unit: 'transactions/s',
    better: 'higher',
    scales: 'rate',
    target: '>= 500,000',
  };
  yield* timed('cycle-named', { target: '<= 5000', rounds: 3 }, () => {
    const shape = { ...LISTS, operations: MILLION, appends: 32, skew: true };
    const history = written('cycle-named', listTransactions(shape, SEED));
    return () => {
      const { anomalies } = judge(history, 'strict-ser', 'invalid');
      const told = anomalies.some(
        ({ name, edges }) => name === 'write-skew' && edges?.length === 2,
      );
      if (!told) throw new Error(`found ${anomalies.map(({ name }) => name)}, not the write skew`);
    };
  });
}

/** How much more memory an operation takes in a hundred times as many, in the worse of two models. */
function memoryRow(): MeasuredRow {
  const growth = (model: string, recorded: (operations: number) => History) => {
    const [few, many] = [10_000, MILLION].map((operations) => {
      const history = recorded(operations);
      return allocatedBytes(() => judge(history, model, 'valid')) / operations;
    });
    return many! / few!;
  };
  const register = growth('register', (operations) =>
    uniqueRegister({ clients: 50, operations }, SEED),
  );
  const lists = growth('strict-ser', (operations) =>
    listTransactions({ ...LISTS, operations, appends: 32 }, SEED),
  );
  return {
    name: 'check/memory',
    raw: Math.max(register, lists),
    unit: 'of an operation in 10,000',
    better: 'lower',
    scales: 'none',
    target: '<= 1.2',
  };
}

function judge(
  history: History,
  model: string,
  expected: Verdict['verdict'],
  parameters: ModelParameters = {},
): Verdict {
  const verdict = MODELS[model]!(history, parameters);
  if (verdict.verdict === expected) return verdict;
  throw new Error(`${model} says ${verdict.verdict}, not ${expected}: ${verdict.reason}`);
}

function written(name: string, history: History): History {
  write(`${name}.edn`, ednLines(history));
  return history;
}

const CHUNK_LINES = 10_000;

function write(name: string, lines: Iterable<string>): void {
  mkdirSync(FOLDER, { recursive: true });
  const file = openSync(join(FOLDER, name), 'w');
  let chunk: string[] = [];
  const flush = (): void => {
    writeSync(file, chunk.join(''));
    chunk = [];
  };
  for (const line of lines) if (chunk.push(line) === CHUNK_LINES) flush();
  flush();
  closeSync(file);
}
