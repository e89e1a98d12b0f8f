/** `process` of a simulated process: what it is started with is fixed, what it does goes to the run. */
import { type AnyFunction, define, type Host } from './host.ts';

export interface ProcessHost extends Host {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly events: typeof import('node:events');
  readonly stream: typeof import('node:stream');
  print(stream: 'stdout' | 'stderr', text: string): void;
  /** A built-in module of the realm, with or without `node:`. */
  builtin(name: string): object | undefined;
  /** Ends the process; throws through the program. */
  exit(code: number): never;
}

export interface SimulatedProcess extends NodeJS.EventEmitter {
  exitCode: number | string | undefined;
  /** `exit` has been told. */
  _exiting: boolean;
}

const MEGABYTE = 2 ** 20;
const MEMORY = {
  rss: 64 * MEGABYTE,
  heapTotal: 32 * MEGABYTE,
  heapUsed: 16 * MEGABYTE,
  external: 2 * MEGABYTE,
  arrayBuffers: MEGABYTE,
};
/** Facts of the program that runs us, which are the program's too. */
const COPIED = [
  'version',
  'versions',
  'arch',
  'platform',
  'release',
  'features',
  'config',
] as const;
const REFUSED = [
  'abort',
  'kill',
  'chdir',
  'dlopen',
  'binding',
  'setuid',
  'setgid',
  'seteuid',
  'setegid',
  'setgroups',
  'initgroups',
  'loadEnvFile',
  'setUncaughtExceptionCaptureCallback',
  'getActiveResourcesInfo',
];

export function makeProcess(host: ProcessHost): SimulatedProcess {
  const { main, clock, events, notSimulated } = host;
  class process extends events.EventEmitter {}
  const made = new process() as unknown as SimulatedProcess;
  const real = main.process as unknown as { readonly [name: string]: unknown };
  for (const name of COPIED) define(made, { [name]: real[name] });
  for (const name of REFUSED) define(made, { [name]: () => notSimulated(`process.${name}`) });
  Object.assign(made, {
    title: 'node',
    argv: [...host.argv],
    argv0: 'node',
    execArgv: [],
    execPath: host.argv[0],
    env: environment(host.env),
    pid: 1,
    ppid: 0,
    debugPort: 9229,
    exitCode: undefined,
    _exiting: false,
    allowedNodeEnvironmentFlags: new Set(),
    report: undefined,
  });
  define(made, {
    cwd: () => host.cwd,
    umask: () => 0o022,
    getuid: () => 1000,
    geteuid: () => 1000,
    getgid: () => 1000,
    getegid: () => 1000,
    getgroups: () => [1000],
    uptime: () => clock.monotonicMs() / 1000,
    hrtime: hrtime(clock),
    memoryUsage: Object.assign(() => ({ ...MEMORY }), { rss: () => MEMORY.rss }),
    constrainedMemory: () => 0,
    availableMemory: () => 1024 * MEGABYTE,
    cpuUsage: () => ({ user: Math.floor(clock.monotonicMs() * 1000), system: 0 }),
    resourceUsage: () => ({
      userCPUTime: Math.floor(clock.monotonicMs() * 1000),
      systemCPUTime: 0,
    }),
    hasUncaughtExceptionCaptureCallback: () => false,
    setSourceMapsEnabled: () => {},
    getBuiltinModule: (name: unknown) => host.builtin(String(name)),
    nextTick: (callback: AnyFunction, ...args: unknown[]) => {
      if (typeof callback !== 'function') {
        const error = new TypeError('The "callback" argument must be of type function.');
        throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
      }
      host.nextTick(() => callback(...args));
    },
    emitWarning: (warning: unknown, type?: unknown) => {
      warn(host, made, warning, type);
    },
    exit: (code?: number | string) => {
      if (code !== undefined) made.exitCode = code;
      return host.exit(Number(made.exitCode ?? 0));
    },
    reallyExit: (code = 0) => host.exit(code),
  });
  installStreams(made, host);
  Object.defineProperty(made, Symbol.toStringTag, { value: 'process' });
  return made;
}

/** Values are texts, as those of a real environment. */
function environment(given: { readonly [name: string]: string | undefined }): object {
  return new Proxy({ ...given } as { [name: string]: string }, {
    set: (env, name, value) =>
      Reflect.set(env, name, typeof name === 'symbol' ? value : `${value}`),
    defineProperty: (env, name, descriptor) =>
      Reflect.defineProperty(env, name, { ...descriptor, value: `${descriptor.value}` }),
  });
}

function hrtime({ monotonicMs }: Host['clock']): AnyFunction {
  const nowNs = (): number => Math.floor(monotonicMs() * 1e6);
  const read = (since?: readonly [number, number]): [number, number] => {
    const ns = nowNs() - (since === undefined ? 0 : since[0] * 1e9 + since[1]);
    return [Math.floor(ns / 1e9), ns - Math.floor(ns / 1e9) * 1e9];
  };
  return Object.assign(read as AnyFunction, { bigint: () => BigInt(nowNs()) });
}

function warn(host: ProcessHost, process: SimulatedProcess, warning: unknown, type: unknown): void {
  const name = typeof type === 'string' ? type : ((Object(type).type as string) ?? 'Warning');
  const error =
    typeof warning === 'string'
      ? Object.defineProperty(new Error(warning), 'name', { value: name })
      : (warning as Error);
  host.nextTick(() => {
    host.print('stderr', `${error.name}: ${error.message}\n`);
    process.emit('warning', error);
  });
}

/** Streams are made when they are asked for: most programs only use the console. */
function installStreams(process: SimulatedProcess, host: ProcessHost): void {
  const { Writable, Readable } = host.stream;
  const output = (name: 'stdout' | 'stderr', fd: number): object => {
    const stream = new Writable({
      decodeStrings: false,
      // Writing to a terminal or a file is done at once.
      write: (chunk: string | Uint8Array, encoding, done) => {
        const isText = typeof chunk === 'string' && encoding !== 'hex' && encoding !== 'base64';
        const text = isText ? chunk : host.main.Buffer.from(chunk as string, encoding).toString();
        host.print(name, text);
        done();
      },
    });
    return Object.assign(stream, { fd, isTTY: undefined });
  };
  const input = (): object => Object.assign(Readable.from([]), { fd: 0, isTTY: undefined });
  lazily(process, 'stdout', () => output('stdout', 1));
  lazily(process, 'stderr', () => output('stderr', 2));
  lazily(process, 'stdin', input);
}

function lazily(object: object, name: string, make: () => object): void {
  let made: object | undefined;
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: true,
    get: () => {
      made ??= make();
      return made;
    },
  });
}
