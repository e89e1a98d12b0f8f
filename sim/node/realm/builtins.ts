/** The built-in modules of a realm: Node.js's own where they are pure, the node's, or stubs. */

import { isPure } from '../guard/pure.ts';
import type { Incarnation } from '../incarnation.ts';
import type { Installed } from '../inside/install.ts';
import { nodeModule } from '../loader/node-module.ts';
import type { NodeConsole } from '../node-console.ts';
import { diagnosticsChannel } from './diagnostics-channel.ts';
import { knownStubs, refuseToSimulate, stubsOf } from './not-simulated.ts';
import { keepShared } from './shared-state.ts';

type Open = { [key: string]: unknown };

/** Pass through: what they return depends on their arguments alone. */
const PURE: ReadonlySet<string> = new Set([
  'buffer',
  'constants',
  'events',
  'path',
  'path/posix',
  'path/win32',
  'punycode',
  'querystring',
  'stream',
  'stream/consumers',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'url',
  'util/types',
]);
/** Of `node:crypto`: with a callback they end on another thread. */
const SYNC_AND_ASYNC = ['sign', 'verify', 'diffieHellman', 'decapsulate'];
/** Of what a main script makes at its top level. */
const MAIN_ASYNC_ID = 1;
/** Made anew for each realm from classes and functions of Node.js. */
const SHARED = /^(assert|async_hooks|crypto|diagnostics_channel|os|sys|util|zlib)(\/|$)/;
const CPUS = 4;
const GIGABYTE = 2 ** 30;

export interface RealmParts {
  readonly life: Incarnation;
  readonly installed: Installed;
  readonly console: NodeConsole;
  readonly crypto: { readonly [name: string]: unknown };
  /** Called when the process has ended. */
  onEnd(callback: () => void): void;
}

export class RealmBuiltins {
  private readonly parts: RealmParts;
  private readonly made = new Map<string, object>();

  constructor(parts: RealmParts) {
    this.parts = parts;
  }

  get(name: string): object {
    let made = this.made.get(name);
    if (made === undefined) {
      made = this.make(name);
      if (SHARED.test(name) || PURE.has(name)) keepShared(nodeModule(name));
      const stubs = knownStubs(stubName(name));
      if (stubs !== undefined) keepShared(stubs);
      this.made.set(name, made);
    }
    return made;
  }

  private make(name: string): object {
    const { installed, console, crypto } = this.parts;
    if (PURE.has(name)) return nodeModule(name);
    switch (name) {
      case 'assert':
        return this.assert(nodeModule('assert'));
      case 'assert/strict':
        return (this.get('assert') as { strict: object }).strict;
      case 'util':
      case 'sys':
        return {
          ...pureOf(name),
          isDeepStrictEqual: this.isDeepStrictEqual(),
          parseArgs: this.parseArgs(),
        };
      case 'timers':
        return installed.timers;
      case 'timers/promises':
        return installed.timersPromises;
      case 'process':
        return installed.process;
      case 'console':
        return console;
      case 'crypto':
        return {
          ...pureOf(name),
          ...synchronous(nodeModule(name)),
          ...crypto,
          webcrypto: this.webcrypto(),
          subtle: this.webcrypto()['subtle'],
        };
      case 'zlib':
        return pureOf(name);
      case 'async_hooks':
        return this.asyncHooks();
      case 'diagnostics_channel':
        return diagnosticsChannel(this.parts.onEnd);
      case 'os':
        return this.os();
      default:
        return { ...stubs(name), ...this.facts(name) };
    }
  }

  webcrypto(): Open {
    const { getRandomValues, randomUUID } = this.parts.crypto;
    const prototype = Object.getPrototypeOf(globalThis.crypto.subtle);
    const subtle = stubsOf('crypto.subtle', prototype);
    return { getRandomValues, randomUUID, subtle };
  }

  /** What can be said of modules that are stubs otherwise. */
  private facts(name: string): Open {
    const { performance } = this.parts.installed;
    switch (name) {
      case 'perf_hooks':
        return { performance };
      case 'worker_threads':
        return { isMainThread: true, threadId: 0, parentPort: null, workerData: null };
      case 'cluster':
        return { isPrimary: true, isMaster: true, isWorker: false };
      case 'tty':
        return { isatty: () => false };
      case 'inspector':
        return { url: () => undefined };
      case 'module': {
        const { builtinModules, isBuiltin } = nodeModule('module');
        return { builtinModules, isBuiltin };
      }
      case 'v8': {
        const { serialize, deserialize } = nodeModule('v8');
        return { serialize, deserialize };
      }
      default:
        return {};
    }
  }

  /**
   * `node:assert`, bound so that no frame of ours comes between a failed assertion and its caller,
   * and comparing what Node.js has made with what the program has, prototypes and all.
   */
  private assert(real: typeof import('node:assert')): object {
    const { adopt } = this.parts.installed;
    const adopting = (compare: (...args: never[]) => void) =>
      function compared(...args: unknown[]): void {
        adopt(args[0]);
        adopt(args[1]);
        (compare as (...args: unknown[]) => void)(...args);
      };
    const facade = (from: object): Open => {
      const bound = (from as (...args: unknown[]) => void).bind(undefined);
      const properties = Object.getOwnPropertyDescriptors(from) as PropertyDescriptorMap;
      delete properties['prototype'];
      return Object.defineProperties(bound, properties) as unknown as Open;
    };
    const assert = facade(real);
    const strict = facade(real.strict);
    const deepStrictEqual = adopting(real.deepStrictEqual);
    const notDeepStrictEqual = adopting(real.notDeepStrictEqual);
    Object.assign(assert, { deepStrictEqual, notDeepStrictEqual, strict });
    Object.assign(strict, {
      deepStrictEqual,
      notDeepStrictEqual,
      deepEqual: deepStrictEqual,
      notDeepEqual: notDeepStrictEqual,
      strict,
    });
    return assert;
  }

  private isDeepStrictEqual(): (a: unknown, b: unknown) => boolean {
    const { isDeepStrictEqual } = nodeModule('util') as typeof import('node:util');
    const { adopt } = this.parts.installed;
    return (a, b) => {
      if (isDeepStrictEqual(a, b)) return true;
      adopt(a);
      adopt(b);
      return isDeepStrictEqual(a, b);
    };
  }

  /** Without `args`, those of the realm's process. */
  private parseArgs(): typeof import('node:util').parseArgs {
    const { parseArgs } = nodeModule('util') as typeof import('node:util');
    const { argv } = this.parts.installed.process as unknown as NodeJS.Process;
    return (config) => parseArgs({ args: argv.slice(2), ...config } as typeof config & object);
  }

  private asyncHooks(): object {
    const real = nodeModule('async_hooks') as typeof import('node:async_hooks');
    const { onEnd } = this.parts;
    // Node.js keeps every storage that was entered, and with it the realm.
    class AsyncLocalStorage<T> extends real.AsyncLocalStorage<T> {
      constructor(...args: ConstructorParameters<typeof real.AsyncLocalStorage<T>>) {
        super(...args);
        onEnd(() => this.disable());
      }
    }
    // Ids of Node.js count what the whole process has made.
    let made = MAIN_ASYNC_ID;
    class AsyncResource extends real.AsyncResource {
      readonly #id = ++made;
      readonly #triggerId: number;
      constructor(...args: ConstructorParameters<typeof real.AsyncResource>) {
        super(...args);
        const [, given] = args;
        const trigger = typeof given === 'object' ? given.triggerAsyncId : given;
        this.#triggerId = trigger ?? MAIN_ASYNC_ID;
        for (const key of Object.getOwnPropertySymbols(this)) {
          Object.defineProperty(this, key, { enumerable: false });
        }
      }
      override asyncId(): number {
        return this.#id;
      }
      override triggerAsyncId(): number {
        return this.#triggerId;
      }
    }
    return { ...stubs('async_hooks'), AsyncLocalStorage, AsyncResource };
  }

  private os(): object {
    const { life } = this.parts;
    const { EOL, constants, devNull } = nodeModule('os') as typeof import('node:os');
    const { arch, platform } = process;
    const cpu = { model: 'simulated', speed: 1000 };
    const times = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 };
    return {
      ...stubs('os'),
      EOL,
      constants,
      devNull,
      arch: () => arch,
      platform: () => platform,
      type: () => 'Linux',
      release: () => '6.1.0',
      version: () => 'simulated',
      machine: () => 'x86_64',
      endianness: () => 'LE',
      hostname: () => life.node.name,
      homedir: () => '/home/user',
      tmpdir: () => '/tmp',
      userInfo: () => ({
        username: 'user',
        uid: 1000,
        gid: 1000,
        shell: null,
        homedir: '/home/user',
      }),
      cpus: () => Array.from({ length: CPUS }, () => ({ ...cpu, times: { ...times } })),
      availableParallelism: () => CPUS,
      totalmem: () => 8 * GIGABYTE,
      freemem: () => 4 * GIGABYTE,
      loadavg: () => [0, 0, 0],
      uptime: () => 3600 + life.env.clock.monotonicMs() / 1000,
      networkInterfaces: () => ({}),
    };
  }
}

function stubs(name: string): Open {
  return stubsOf(stubName(name), nodeModule(name));
}

function stubName(name: string): string {
  return name.replace('/', '.');
}

/** The module's stubs, with what is pure as it is. */
function pureOf(name: string): Open {
  const real = nodeModule(name) as Open;
  const out = stubs(name);
  for (const key of Object.keys(real)) {
    if (isPure(name, key) || typeof real[key] !== 'function') out[key] = real[key];
  }
  return out;
}

/** Those of `node:crypto` that can be either, as the one that can be simulated. */
function synchronous(crypto: Open): Open {
  const out: Open = {};
  for (const key of SYNC_AND_ASYNC) {
    const real = crypto[key] as ((...args: unknown[]) => unknown) | undefined;
    if (real === undefined) continue;
    const called = (...args: unknown[]): unknown =>
      typeof args.at(-1) === 'function'
        ? refuseToSimulate(`crypto.${key} with a callback`, called)
        : real(...args);
    out[key] = Object.defineProperty(called, 'name', { value: key });
  }
  return out;
}
