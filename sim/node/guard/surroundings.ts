/**
 * How a process was started. A command runs worlds in its own process, in its workers, or in those of a
 * test runner: programs are to see the same in each.
 */
import workerThreads from 'node:worker_threads';
import { makePlain, swapInsideWorld } from '../../sched/inside-world.ts';
import { escaped } from './escape.ts';

/** Where Node.js would be installed. */
export const EXECUTABLE = '/usr/local/bin/node';
/** Beyond those that Linux gives: whoever signals it by a function taken at load hits nobody. */
const PID = 2 ** 22 + 2;
const ZONE = 'UTC';
/** Variables by which a pool of processes numbers them. */
const ADDED_BY_POOLS = /^(TINYPOOL_WORKER_ID|VITEST_(POOL|WORKER)_ID|JEST_WORKER_ID)$/;
/** What a stream to a terminal has, and one to a pipe has not. */
const OF_TERMINALS = ['isTTY', 'columns', 'rows', 'getColorDepth', 'hasColors', 'getWindowSize'];
/** A test runner may use threads: what `node:worker_threads` says in the main one. */
const OF_MAIN_THREAD = {
  isMainThread: true,
  isInternalThread: false,
  threadId: 0,
  threadName: '',
  parentPort: null,
  workerData: null,
};
/** What a process has that another Node.js has started. */
const OF_CHILDREN = ['send', 'connected', 'channel', 'disconnect'];

/** The environment variables of the command, in whichever of its processes this is. */
export function commandEnvironment(): { readonly [name: string]: string | undefined } {
  const names = Object.keys(process.env).filter((name) => !ADDED_BY_POOLS.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

/**
 * From now on this process, and those that it starts, are in UTC.
 *
 * @throws in a thread that has an environment of its own, which cannot set the zone.
 */
export function liveInUtc(): void {
  if (process.env['TZ'] === ZONE) return;
  process.env['TZ'] = ZONE;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone === ZONE) return;
  delete process.env['TZ'];
  const what = `worlds run in UTC, and this thread cannot leave the time zone ${zone}`;
  throw new Error(`${what}: with vitest, use pool 'forks', or start it with TZ=UTC`);
}

export function guardSurroundings(): void {
  guardVariables();
  // The real setter would show the title of worlds to the whole machine.
  makePlain(process, 'title');
  const started = {
    title: 'node',
    argv: frozen(EXECUTABLE),
    execArgv: frozen(),
    mainModule: undefined,
  };
  const shown = {
    ...started,
    pid: PID,
    ppid: PID - 1,
    moduleLoadList: frozen(),
    exitCode: undefined,
  };
  for (const [key, value] of Object.entries(shown))
    swapInsideWorld({ object: process, key, value });
  for (const key of OF_CHILDREN) swapInsideWorld({ object: process, key, value: undefined });
  for (const [key, value] of Object.entries(OF_MAIN_THREAD)) {
    if (key in workerThreads) swapInsideWorld({ object: workerThreads, key, value });
  }
  for (const stream of [process.stdout, process.stderr]) {
    for (const key of OF_TERMINALS) {
      if (key in stream) swapInsideWorld({ object: stream, key, value: undefined });
    }
  }
}

/** One program must not hand anything to another by it. */
function frozen(...entries: readonly string[]): readonly string[] {
  return Object.freeze(entries);
}

/** Environment variables may be read; a change would last beyond the run. */
function guardVariables(): void {
  const { env } = process;
  const changed = (): never => {
    throw escaped('process.env', changed);
  };
  const isHidden = (name: PropertyKey): boolean =>
    typeof name === 'string' && ADDED_BY_POOLS.test(name);
  const value = new Proxy(env, {
    get: (_, name) => (isHidden(name) ? undefined : Reflect.get(env, name)),
    has: (_, name) => !isHidden(name) && name in env,
    ownKeys: () => Reflect.ownKeys(env).filter((name) => !isHidden(name)),
    getOwnPropertyDescriptor: (_, name) =>
      isHidden(name) ? undefined : Reflect.getOwnPropertyDescriptor(env, name),
    set: changed,
    defineProperty: changed,
    deleteProperty: changed,
  });
  swapInsideWorld({ object: process, key: 'env', value });
}
