/** What globals are while a world runs: those that touch the real world fail the run. */
import buffer from 'node:buffer';
import { Console } from 'node:console';
import { isBuiltin } from 'node:module';
import { types } from 'node:util';
import { promiseHooks } from 'node:v8';
import { swapInsideWorld } from '../../sched/inside-world.ts';
import { currentSink, type OutputStream, type Sink } from '../../sched/sink.ts';
import { NS_PER_MS } from '../../time/units.ts';
import { nodeModule } from '../loader/node-module.ts';
import { CONSOLE_METHODS, NodeConsole, textOf, warningInWords } from '../node-console.ts';
import { escaped } from './escape.ts';
import { preparesStack, TAKEN_MAX } from './stack-trace.ts';

type AnyFunction = (...args: unknown[]) => unknown;
type Open = { [key: PropertyKey]: unknown };

const GLOBALS = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'WebSocket',
  'EventSource',
  'MessageChannel',
  'BroadcastChannel',
  'PerformanceMark',
  'PerformanceObserver',
];

/** What compiles on another thread. */
const WEB_ASSEMBLY = ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming'];

/** What acts on the process that all nodes share, or tells how it fares. */
const PROCESS = [
  'exit',
  'reallyExit',
  'abort',
  'kill',
  '_kill',
  'chdir',
  'umask',
  'execve',
  'loadEnvFile',
  'uptime',
  'memoryUsage',
  'availableMemory',
  'constrainedMemory',
  'cpuUsage',
  'threadCpuUsage',
  'resourceUsage',
  'getActiveResourcesInfo',
  '_getActiveHandles',
  '_getActiveRequests',
  '_debugProcess',
  '_debugEnd',
  '_rawDebug',
  'openStdin',
  'binding',
  '_linkedBinding',
  'getuid',
  'geteuid',
  'getgid',
  'getegid',
  'getgroups',
  'setuid',
  'seteuid',
  'setgid',
  'setegid',
  'setgroups',
  'initgroups',
  'setUncaughtExceptionCaptureCallback',
  'addUncaughtExceptionCaptureCallback',
];

export function guardGlobals(): void {
  for (const name of GLOBALS) if (name in globalThis) refuse(globalThis, name, name);
  for (const name of PROCESS) if (name in process) refuse(process, name, `process.${name}`);
  refuse(Math, 'random', 'Math.random');
  refuse(Object.getPrototypeOf(performance), 'now', 'performance.now');
  refuse(AbortSignal, 'timeout', 'AbortSignal.timeout');
  refuse(Atomics, 'wait', 'Atomics.wait');
  refuse(Atomics, 'waitAsync', 'Atomics.waitAsync');
  for (const name of WEB_ASSEMBLY) {
    refuseToPrograms(global('WebAssembly')!, name, `WebAssembly.${name}`);
  }
  for (const name of Object.keys(promiseHooks)) {
    refuseToPrograms(promiseHooks, name, `v8.promiseHooks.${name}`);
  }
  const now = global('Temporal')?.['Now'] as Open | undefined;
  for (const name of now === undefined ? [] : Object.getOwnPropertyNames(now)) {
    if (typeof now![name] === 'function') refuse(now!, name, `Temporal.Now.${name}`);
  }
  const hrtime = refusing('process.hrtime') as AnyFunction & { bigint: AnyFunction };
  hrtime.bigint = refusing('process.hrtime.bigint');
  swapInsideWorld({ object: process, key: 'hrtime', value: hrtime });
  refuseToPrograms(globalThis, 'WeakRef', 'WeakRef');
  refuseToPrograms(globalThis, 'FinalizationRegistry', 'FinalizationRegistry');
  // Stacks of worlds are mapped already.
  swapInsideWorld({ object: process, key: 'setSourceMapsEnabled', value: () => {} });
  const getBuiltinModule = (id: unknown): object | undefined =>
    isBuiltin(String(id)) ? nodeModule(String(id).replace(/^node:/, '')) : undefined;
  if ('getBuiltinModule' in process) {
    swapInsideWorld({ object: process, key: 'getBuiltinModule', value: getBuiltinModule });
  }
  guardDate();
  guardOutput();
  guardMemory();
  shareErrors();
  const { prepareStackTrace } = Error;
  const value = preparesStack(() => prepareStackTrace);
  swapInsideWorld({ object: Error, key: 'prepareStackTrace', value });
  // Test runners raise it; what a program logs is to be the same everywhere.
  swapInsideWorld({ object: Error, key: 'stackTraceLimit', value: TAKEN_MAX });
}

/** A global that the types of this project do not know. */
function global(name: string): Open | undefined {
  return (globalThis as Open)[name] as Open | undefined;
}

function refuse(object: object, key: string, called: string): void {
  swapInsideWorld({ object, key, value: refusing(called) });
}

/** As {@link refuse}, but for modules of Node.js itself, which load when they are first wanted. */
function refuseToPrograms(object: object, key: string, called: string): void {
  const real = (object as Open)[key] as AnyFunction;
  function refused(this: unknown, ...args: unknown[]): unknown {
    if (!isCalledByNode(refused)) throw escaped(called, refused);
    if (new.target === undefined) return Reflect.apply(real, this, args);
    const target = (new.target as unknown) === refused ? real : new.target;
    return Reflect.construct(real, args, target);
  }
  refused.prototype = real.prototype;
  const value = Object.defineProperty(refused, 'name', { value: key });
  swapInsideWorld({ object, key, value });
}

function isCalledByNode(callee: AnyFunction): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = (_, frames) => frames;
  Error.stackTraceLimit = 1;
  const holder: { stack?: NodeJS.CallSite[] } = {};
  Error.captureStackTrace(holder, callee);
  const caller = holder.stack?.[0]?.getFileName();
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  return caller?.startsWith('node:') ?? false;
}

/** Fails the run when it is called, as a function or as a constructor. */
function refusing(called: string): AnyFunction {
  function refused(): never {
    throw escaped(called, refused);
  }
  return Object.defineProperty(refused, 'name', { value: called.replace(/^.*\./, '') });
}

/** `Date` with arguments is a pure function; without, it reads the clock. */
function guardDate(): void {
  const RealDate = Date;
  const GuardedDate = function (...args: []): Date {
    if (new.target === undefined) throw escaped('Date()', GuardedDate);
    if (args.length === 0) throw escaped('new Date()', GuardedDate);
    const target = (new.target as unknown) === GuardedDate ? RealDate : new.target;
    return Reflect.construct(RealDate, args, target);
  };
  const now = refusing('Date.now');
  Object.defineProperties(GuardedDate, {
    ...Object.getOwnPropertyDescriptors(RealDate),
    now: { value: now, configurable: true, writable: true },
  });
  swapInsideWorld({ object: globalThis, key: 'Date', value: GuardedDate });
  swapInsideWorld({ object: RealDate, key: 'now', value: now });
}

/** What is printed belongs to the node that prints; between worlds it is the harness's own. */
function guardOutput(): void {
  const real = globalThis.console;
  // A test runner's own console has no such property.
  const printing: Open = { Console, ...(real as object) };
  for (const method of CONSOLE_METHODS) {
    printing[method] = (...data: unknown[]): void => {
      const sink = currentSink();
      const to = sink === undefined ? (real as unknown as NodeConsole) : consoleOf(sink);
      (to[method] as AnyFunction)(...data);
    };
  }
  swapInsideWorld({ object: globalThis, key: 'console', value: printing });
  guardStream(process.stdout, 'stdout');
  guardStream(process.stderr, 'stderr');
  const emitWarning = process.emitWarning as AnyFunction;
  const value = (warning: unknown, ...rest: unknown[]): void => {
    const sink = currentSink();
    if (sink === undefined) emitWarning.call(process, warning, ...rest);
    else if (!isOncePerProcess(warning, rest[0]))
      sink.print('stderr', `${warningInWords(warning, rest[0])}\n`);
  };
  swapInsideWorld({ object: process, key: 'emitWarning', value });
}

/** Such warnings come in the first run that gives rise to them, and in no other. */
function isOncePerProcess(warning: unknown, typeOrOptions: unknown): boolean {
  return /^(Deprecation|Experimental)Warning\b/.test(warningInWords(warning, typeOrOptions));
}

function guardStream(stream: NodeJS.WriteStream, name: OutputStream): void {
  const write = stream.write as AnyFunction;
  const value = (chunk: unknown, ...rest: unknown[]): unknown => {
    const sink = currentSink();
    if (sink === undefined) return write.call(stream, chunk, ...rest);
    sink.print(name, textOf(chunk));
    const done = rest.find((argument) => typeof argument === 'function');
    if (done !== undefined) process.nextTick(done as () => void);
    return true;
  };
  swapInsideWorld({ object: stream, key: 'write', value });
}

const consoles = new WeakMap<object, NodeConsole>();

/** The console of whoever runs the present step. */
function consoleOf(sink: Sink): NodeConsole {
  let console = consoles.get(sink.current);
  if (console === undefined) {
    console = new NodeConsole({
      print: (stream, text) => sink.print(stream, text),
      nowMs: () => sink.nowNs / NS_PER_MS,
    });
    consoles.set(sink.current, console);
  }
  return console;
}

/** Node.js asks `instanceof Error` of what a realm throws, of `emit('error', …)` for one. */
function shareErrors(): void {
  const isInstance = Function.prototype[Symbol.hasInstance];
  const value = function (this: unknown, error: unknown): boolean {
    return isInstance.call(this, error) || (this === Error && types.isNativeError(error));
  };
  swapInsideWorld({ object: Error, key: Symbol.hasInstance, value });
}

/**
 * Memory that is handed out unwritten, and the place of a small buffer in its pool, depend on what
 * the process did before.
 */
function guardMemory(): void {
  const zeroed = (size: number): Buffer => Buffer.alloc(size);
  swapInsideWorld({ object: Buffer, key: 'allocUnsafe', value: zeroed });
  swapInsideWorld({ object: Buffer, key: 'allocUnsafeSlow', value: zeroed });
  // The same under another name, until Node.js 24.
  if ('SlowBuffer' in buffer) swapInsideWorld({ object: buffer, key: 'SlowBuffer', value: zeroed });
  swapInsideWorld({ object: Buffer, key: 'poolSize', value: 0 });
}
