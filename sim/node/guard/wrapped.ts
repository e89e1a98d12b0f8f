/** Functions of Node.js that are wrapped once a process, to ask whether a world is running. */
import { builtinModules, createRequire, syncBuiltinESMExports } from 'node:module';
import { insideWorld } from '../../sched/inside-world.ts';
import { escaped } from './escape.ts';
import { guardFiles } from './file-time.ts';
import { isPure } from './pure.ts';
import { portsNow } from './realm-ports.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Open = { [key: PropertyKey]: unknown };

/** Modules that are loaded to be wrapped; others are when they are loaded for somebody else. */
const COMMON = [
  'fs',
  'fs/promises',
  'net',
  'http',
  'https',
  'http2',
  'tls',
  'dgram',
  'dns',
  'dns/promises',
  'child_process',
  'cluster',
  'worker_threads',
  'timers',
  'timers/promises',
  'crypto',
  'zlib',
  'os',
  'async_hooks',
  'v8',
  'perf_hooks',
  'util',
  'module',
  'tty',
];
/** Shared with what is no program's: the harness, and globals of a test runner. */
const SPARED = /^(console|process)$/;

/** Methods that do what the functions above do, for who has an object already. */
const METHODS: readonly (readonly [module: string, of: string, methods: readonly string[]])[] = [
  ['net', 'Socket', ['connect']],
  ['net', 'Server', ['listen']],
  ['dgram', 'Socket', ['bind', 'connect', 'send']],
  ['child_process', 'ChildProcess', ['spawn']],
  ['async_hooks', 'AsyncResource', ['asyncId', 'triggerAsyncId']],
  [
    'perf_hooks',
    'Performance',
    [
      'mark',
      'measure',
      'timerify',
      'eventLoopUtilization',
      'toJSON',
      'getEntries',
      'getEntriesByName',
      'getEntriesByType',
      'markResourceTiming',
    ],
  ],
  ['console', 'Console', ['time', 'timeEnd', 'timeLog']],
];

/** Called without `new`, a class complains by itself. */
const CLASS = /^[A-Z]/;

const LISTENERS = [
  'on',
  'once',
  'addListener',
  'prependListener',
  'prependOnceListener',
  'off',
  'removeListener',
  'removeAllListeners',
  'listeners',
  'rawListeners',
  'listenerCount',
  'eventNames',
];

export function wrapBuiltins(): void {
  const require = createRequire(import.meta.url);
  // Reads the file of a failed assertion, for its message: with the functions it finds now.
  require('node:assert');
  armed = true;
  const loaded = new Set((process as unknown as { moduleLoadList: string[] }).moduleLoadList);
  for (const name of new Set([...COMMON, ...builtinModules])) {
    if (name.startsWith('_') || name.includes('internal')) continue;
    if (COMMON.includes(name) || loaded.has(`NativeModule ${name.replace(/^node:/, '')}`)) {
      wrapModule(name, require(name));
    }
  }
  for (const [module, of, methods] of METHODS) {
    const { prototype } = require(`node:${module}`)[of] as { prototype: Open };
    for (const method of methods) wrapProperty(prototype, method, `${module}.${of}.${method}`);
  }
  wrapProperty(URL as unknown as Open, 'createObjectURL', 'URL.createObjectURL');
  wrapWebCrypto(require('node:crypto').webcrypto);
  wrapScheduler(require('node:timers/promises').scheduler);
  drawBoundaries(require('node:crypto'));
  guardFiles(require('node:buffer'));
  wrapTerminals(require('node:tty'));
  wrapDateHeader(require('node:http').OutgoingMessage.prototype);
  wrapLocks(require('node:worker_threads').locks);
  wrapZlibStreams(require('node:zlib').Deflate.prototype);
  for (const method of LISTENERS) wrapInherited(process, method, `process.${method}`);
  syncBuiltinESMExports();
}

let armed = false;
const wrappedModules = new WeakSet<object>();

/** The module that Node.js has just loaded, as worlds are to have it. */
export function guardModule(name: string, exports: object): void {
  if (!armed || wrappedModules.has(exports)) return;
  wrapModule(name, exports as Open);
  syncBuiltinESMExports();
}

function wrapModule(prefixed: string, exports: Open): void {
  const name = prefixed.replace(/^node:/, '');
  if (SPARED.test(name) || wrappedModules.has(exports)) return;
  wrappedModules.add(exports);
  for (const key of Object.keys(exports)) {
    const called = `${name.replace('/', '.')}.${key}`;
    if (!isPure(name, key)) wrapProperty(exports, key, called);
    else if (name === 'crypto' && !CLASS.test(key)) {
      wrapProperty(exports, key, called, (args) => typeof args.at(-1) === 'function');
    }
  }
}

function wrapWebCrypto(webcrypto: object): void {
  const prototype = Object.getPrototypeOf(webcrypto) as Open;
  wrapProperty(prototype, 'getRandomValues', 'crypto.getRandomValues');
  wrapProperty(prototype, 'randomUUID', 'crypto.randomUUID');
  const subtle = Object.getPrototypeOf((webcrypto as { subtle: object }).subtle) as Open;
  for (const key of Object.keys(subtle)) wrapProperty(subtle, key, `crypto.subtle.${key}`);
}

function wrapScheduler(scheduler: object): void {
  const prototype = Object.getPrototypeOf(scheduler) as Open;
  for (const key of ['wait', 'yield']) wrapProperty(prototype, key, `timers.scheduler.${key}`);
}

/**
 * Node.js itself asks here for the boundary of a FormData that is a body. In a realm nobody else does, for
 * its code has another `crypto`.
 */
function drawBoundaries(crypto: Open): void {
  const guarded = crypto['randomInt'] as AnyFunction;
  crypto['randomInt'] = function randomInt(this: unknown, ...args: unknown[]): unknown {
    const ports = insideWorld() ? portsNow() : undefined;
    if (ports === undefined) return Reflect.apply(guarded, this, args);
    return ports.randomInt(args[0] as number, args[1] as number);
  };
}

/** A package asks as it loads, to know whether to print in colour: of a world nothing is a terminal. */
function wrapTerminals(tty: Open): void {
  const isatty = tty['isatty'] as (fd: unknown) => boolean;
  tty['isatty'] = (fd: unknown) => !insideWorld() && isatty(fd);
}

interface Outgoing {
  readonly sendDate: boolean;
  _storeHeader(firstLine: string, headers?: object): unknown;
}

/** A response without a socket, as servers answer in tests, is pure but for the header `Date`. */
function wrapDateHeader(prototype: Outgoing): void {
  const store = prototype._storeHeader;
  prototype._storeHeader = function stored(this: Outgoing, firstLine, headers = {}) {
    const names = Array.isArray(headers) ? headers.flat() : Object.keys(headers);
    const dated = names.some((name) => /^date$/i.test(`${name}`));
    if (insideWorld() && this.sendDate && !dated) throw escaped('http.sendDate', stored);
    return store.call(this, firstLine, headers);
  };
}

/** From Node.js 24 on. */
function wrapLocks(locks: object | undefined): void {
  if (locks === undefined) return;
  const prototype = Object.getPrototypeOf(locks) as Open;
  for (const key of ['request', 'query']) wrapProperty(prototype, key, `navigator.locks.${key}`);
}

/** Streams of zlib, however they were made, end on a real thread. */
function wrapZlibStreams(deflate: object): void {
  let prototype = deflate;
  while (!Object.hasOwn(prototype, '_transform')) prototype = Object.getPrototypeOf(prototype);
  wrapProperty(prototype as Open, '_transform', 'zlib.createDeflate');
}

function wrapInherited(object: object, key: string, called: string): void {
  const inherited = (object as Open)[key] as AnyFunction;
  Object.defineProperty(object, key, {
    value: wrap(inherited, called),
    configurable: true,
    writable: true,
  });
}

function wrapProperty(object: Open, key: string, called: string, when: When = always): void {
  const found = Object.getOwnPropertyDescriptor(object, key);
  if (found === undefined || !found.configurable) return;
  const original = found.get === undefined ? found.value : found.get.call(object);
  if (typeof original !== 'function') return;
  const value = wrap(original as AnyFunction, called, when);
  Object.defineProperty(object, key, {
    value,
    enumerable: found.enumerable ?? true,
    configurable: true,
    writable: true,
  });
}

/** Which calls are escapes. */
type When = (args: readonly unknown[]) => boolean;
const always: When = () => true;

let immediateOfNode = false;

/**
 * To be said in a listener for `uncaughtException`: when it returns, Node.js itself calls
 * `timers.setImmediate`, through the module, so that one call is not an escape.
 */
export function expectImmediateOfNode(): void {
  immediateOfNode = true;
}

function isNodesOwn(called: string): boolean {
  const own = immediateOfNode && called === 'timers.setImmediate';
  if (own) immediateOfNode = false;
  return own;
}

/** The function as it was, with its properties, name and length, but for the question. */
function wrap(original: AnyFunction, called: string, when: When = always): AnyFunction {
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    if (insideWorld() && when(args) && !isNodesOwn(called)) throw escaped(called, wrapped);
    if (new.target === undefined) return Reflect.apply(original, this, args);
    const target = new.target === (wrapped as unknown) ? original : new.target;
    return Reflect.construct(original, args, target);
  };
  Object.setPrototypeOf(wrapped, Object.getPrototypeOf(original));
  const properties = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  Object.defineProperties(wrapped, properties);
  return wrapped;
}
