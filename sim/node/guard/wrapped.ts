/** Functions of Node.js that are wrapped once a process, to ask whether a world is running. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { insideWorld } from '../../sched/inside-world.ts';
import { escaped } from './escape.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Open = { [key: PropertyKey]: unknown };

/** What of a built-in module touches the real world: all its functions but some, or only some. */
type Effects = { readonly but: RegExp } | { readonly only: RegExp };

const NONE = /^$/;
/** Classes whose making alone does nothing; what they then do is caught where they do it. */
const CLASSES = /^[A-Z]/;

const MODULES: { readonly [module: string]: Effects } = {
  fs: { but: /^[A-Z_]/ },
  'fs/promises': { but: NONE },
  net: { only: /^(connect|createConnection|createServer)$/ },
  http: { only: /^(request|get|createServer)$/ },
  https: { only: /^(request|get|createServer)$/ },
  http2: { only: /^(connect|createServer|createSecureServer)$/ },
  tls: { only: /^(connect|createServer)$/ },
  dgram: { only: /^createSocket$/ },
  dns: { but: CLASSES },
  'dns/promises': { but: CLASSES },
  child_process: { but: CLASSES },
  cluster: { only: /^fork$/ },
  worker_threads: { only: /^(Worker|MessageChannel|BroadcastChannel)$/ },
  timers: { but: /^clear/ },
  'timers/promises': { but: NONE },
  crypto: {
    only: /^(random|generate|getRandomValues|prng|rng|pseudo|pbkdf2$|scrypt$|hkdf$|argon2$|checkPrime$|createDiffieHellman|createECDH|getDiffieHellman)/,
  },
  zlib: { only: /^(deflate|inflate|gzip|gunzip|unzip|brotli|zstd)(?!.*Sync$)|^create/ },
  os: {
    only: /^(cpus|freemem|totalmem|loadavg|uptime|hostname|networkInterfaces|userInfo|homedir|tmpdir)$/,
  },
  async_hooks: { only: /^(createHook|executionAsyncId|triggerAsyncId|executionAsyncResource)$/ },
  v8: { only: /^(getHeap|getCppHeap|writeHeap|queryObjects|takeCoverage|stopCoverage)/ },
  perf_hooks: { only: /^(monitorEventLoopDelay|eventLoopUtilization)$/ },
};

/** Methods that do what the functions above do, for who has an object already. */
const METHODS: readonly (readonly [module: string, of: string, methods: readonly string[]])[] = [
  ['net', 'Socket', ['connect']],
  ['net', 'Server', ['listen']],
  ['dgram', 'Socket', ['bind', 'connect', 'send']],
  ['child_process', 'ChildProcess', ['spawn']],
  ['async_hooks', 'AsyncResource', ['asyncId', 'triggerAsyncId']],
  ['perf_hooks', 'Performance', ['mark', 'measure', 'timerify', 'eventLoopUtilization', 'toJSON']],
];

const LISTENING = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'];

export function wrapBuiltins(): void {
  const require = createRequire(import.meta.url);
  // Reads the file of a failed assertion, for its message: with the functions it finds now.
  require('node:assert');
  for (const [name, effects] of Object.entries(MODULES)) {
    const exports = require(`node:${name}`) as Open;
    for (const key of Object.keys(exports)) {
      const touches = 'only' in effects ? effects.only.test(key) : !effects.but.test(key);
      if (touches) wrapProperty(exports, key, `${name.replace('/', '.')}.${key}`);
    }
  }
  for (const [module, of, methods] of METHODS) {
    const { prototype } = require(`node:${module}`)[of] as { prototype: Open };
    for (const method of methods) wrapProperty(prototype, method, `${module}.${of}.${method}`);
  }
  wrapProperty(URL as unknown as Open, 'createObjectURL', 'URL.createObjectURL');
  wrapWebCrypto(require('node:crypto').webcrypto);
  wrapScheduler(require('node:timers/promises').scheduler);
  wrapZlibStreams(require('node:zlib').Deflate.prototype);
  for (const method of LISTENING) wrapInherited(process, method, `process.${method}`);
  syncBuiltinESMExports();
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

function wrapProperty(object: Open, key: string, called: string): void {
  const found = Object.getOwnPropertyDescriptor(object, key);
  if (found === undefined || !found.configurable) return;
  const original = found.get === undefined ? found.value : found.get.call(object);
  if (typeof original !== 'function') return;
  const value = wrap(original as AnyFunction, called);
  Object.defineProperty(object, key, {
    value,
    enumerable: found.enumerable ?? true,
    configurable: true,
    writable: true,
  });
}

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
function wrap(original: AnyFunction, called: string): AnyFunction {
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    if (insideWorld() && !isNodesOwn(called)) throw escaped(called, wrapped);
    if (new.target === undefined) return Reflect.apply(original, this, args);
    const target = new.target === (wrapped as unknown) ? original : new.target;
    return Reflect.construct(original, args, target);
  };
  Object.setPrototypeOf(wrapped, Object.getPrototypeOf(original));
  const properties = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  Object.defineProperties(wrapped, properties);
  return wrapped;
}
