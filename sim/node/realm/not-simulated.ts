/**
 * What a realm has by name only: it can be imported, extended and looked at, and throws when it is
 * called.
 */
import { currentSink } from '../../sched/sink.ts';
import { Refused } from '../guard/escape.ts';

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^fs/, 'import data as JSON, or write a scenario, whose programs have env.disk'],
  [
    /^(net|http|https|http2|tls|dgram|dns|fetch|WebSocket|EventSource)/,
    'write a scenario, whose programs have env.net and nodes to talk to',
  ],
  [
    /^(child_process|cluster|process\.(kill|abort))/,
    'write a scenario with a role for each process',
  ],
  [
    /^(worker_threads|Atomics|MessageChannel|BroadcastChannel)/,
    'run the algorithm as groundhog/threads, or as nodes of a scenario',
  ],
  [/ with a callback$/, 'call it without one'],
  [/^crypto\.(generate|create|getDiffie|Diffie|ECDH)/, 'write the key down, as data'],
  [/^crypto\.(publicEncrypt|encapsulate)/, 'use a cipher with a key of yours'],
  [/^(crypto|zlib)\./, 'use the form that ends in Sync, if it has one'],
  [/^node:test|^test/, 'run the code under test itself'],
];
const OTHERWISE = 'leave the call out when the program is explored';

/** Thrown by what a realm does not simulate. The run fails when nobody catches it. */
class NotSimulated extends Refused {
  override readonly name = 'NotSimulated';
  readonly code = 'ERR_NOT_SIMULATED';
  readonly property: string;

  constructor(called: string, calledBy: (...args: never[]) => unknown) {
    const advice = ADVICE.find(([pattern]) => pattern.test(called))?.[1] ?? OTHERWISE;
    super(`not simulated: ${called}; ${advice}`);
    this.property = `not simulated: ${called}`;
    Error.captureStackTrace(this, calledBy);
  }
}

type Open = { [key: string]: unknown };
type Stub = (...args: never[]) => never;

/** Says so in the run's output, for whoever catches it, and throws. */
export function refuseToSimulate(called: string, calledBy: (...args: never[]) => unknown): never {
  currentSink()?.print('stderr', `not simulated: ${called}\n`);
  throw new NotSimulated(called, calledBy);
}

/** A function, or a class, that cannot be called. */
export function stub(called: string, real?: unknown): Stub {
  function refused(): never {
    return refuseToSimulate(called, refused);
  }
  const prototype = (real as { prototype?: object } | undefined)?.prototype;
  if (prototype !== undefined) refused.prototype = Object.create(prototype);
  return Object.defineProperty(refused, 'name', { value: called.replace(/^.*[.:]/, '') });
}

const known = new Map<string, Open>();

/** A module with stubs for its functions and the plain data it has; each realm gets its own. */
export function stubsOf(name: string, real: object): Open {
  let stubs = known.get(name);
  if (stubs === undefined) {
    stubs = {};
    for (const key of Object.keys(real)) {
      const value = Object.getOwnPropertyDescriptor(real, key)!.value ?? lookAt(real, key);
      if (typeof value === 'function') stubs[key] = stub(`${name}.${key}`, value);
      else if (key === 'promises') stubs[key] = stubsOf(`${name}.promises`, value as object);
      else if (isPlain(value)) stubs[key] = value;
    }
    known.set(name, stubs);
  }
  return { ...stubs };
}

/** What {@link stubsOf} has made under the name: its functions are the same for all realms. */
export function knownStubs(name: string): object | undefined {
  return known.get(name);
}

/** A value behind a getter, unless it is only there for an object of the class. */
function lookAt(object: object, key: string): unknown {
  try {
    return (object as Open)[key];
  } catch {
    return undefined;
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}
