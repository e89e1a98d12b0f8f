/**
 * A process of Node.js as one incarnation of a node: a realm of its own, in which a file runs that
 * knows nothing of the harness.
 *
 *     main script ──► the loop's turns ──► nothing keeps it alive: beforeExit ──► exit
 *                        ▲                                            │
 *                        └───────────── something does again ◄────────┘
 */
import { EventEmitter } from 'node:events';
import { isBuiltin } from 'node:module';
import stream from 'node:stream';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { type Context, constants, createContext } from 'node:vm';
import { inContext } from '../../sched/context.ts';
import { Ended } from '../../sched/ended.ts';
import { NS_PER_MS } from '../../time/units.ts';
import { hideIdsOfPromises } from '../guard/async-ids.ts';
import { keepPorts } from '../guard/realm-ports.ts';
import { TAKEN_MAX } from '../guard/stack-trace.ts';
import type { Incarnation } from '../incarnation.ts';
import type { Installed } from '../inside/install.ts';
import type { ProcessHost } from '../inside/process.ts';
import type { TimerFunctions } from '../inside/timers.ts';
import { interiorOf } from '../interior.ts';
import type { Instance } from '../loader/binding.ts';
import { moduleOf } from '../loader/compiled.ts';
import { ModuleGraph } from '../loader/graph.ts';
import type { Habitat } from '../loader/habitat.ts';
import { placeInWords } from '../loader/load-error.ts';
import { resolve } from '../loader/resolve.ts';
import type { Making } from '../loader/sight.ts';
import { NodeConsole } from '../node-console.ts';
import { RealmBuiltins } from './builtins.ts';
import { nodeGlobals } from './globals.ts';
import { refuseToSimulate } from './not-simulated.ts';
import { fraction, seededCrypto } from './random.ts';
import { beginShared, endShared } from './shared-state.ts';

/** What a process is started with. */
export interface ProcessOptions {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly provided: ReadonlyMap<string, object>;
  readonly making: Making;
}

export class Realm {
  private readonly life: Incarnation;
  private readonly options: ProcessOptions;
  private readonly context: Context;
  private readonly graph: ModuleGraph;
  private readonly installed: Installed;
  /** There from the moment on at which the realm is installed. */
  private readonly builtins: RealmBuiltins | undefined;
  private readonly cleanups: (() => void)[] = [];
  /** Timers and immediates that keep the process alive. */
  private holds = 0;
  private entry: 'unsettled' | 'done' = 'unsettled';
  private toldBeforeExit = false;
  private exiting = false;

  constructor(life: Incarnation, options: ProcessOptions) {
    this.life = life;
    this.options = options;
    beginShared([EventEmitter, stream, NodeConsole], nodeGlobals());
    this.context = createContext(constants.DONT_CONTEXTIFY);
    const realm = this.context as unknown as typeof globalThis;
    realm.Error.stackTraceLimit = TAKEN_MAX;
    shareSymbols(realm);
    hideIdsOfPromises(realm.Promise.prototype);
    const console = new NodeConsole({
      print: (to, text) => life.print(to, text),
      nowMs: () => life.env.clock.monotonicMs(),
    });
    const { context } = this;
    const habitat: Habitat = {
      global: context as unknown as Habitat['global'],
      wrapper: (module) => module.compile().runInContext(context),
      builtin: (name) => this.builtins!.get(name),
      provided: options.provided,
    };
    const inside = new ModuleGraph(habitat).import((INSTALL as { readonly file: string }).file);
    const install = inside.find('install')!.value as (host: ProcessHost) => Installed;
    this.installed = install(this.host());
    const { installed } = this;
    const { clock } = life.env;
    const crypto = seededCrypto(life, (installed.timers as TimerFunctions).setImmediate);
    keepPorts(life, {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      randomInt: (min, max) => crypto.randomInt(min, max) as number,
    });
    const onEnd = (cleanup: () => void): void => {
      this.cleanups.push(cleanup);
    };
    this.builtins = new RealmBuiltins({ life, installed, console, crypto, onEnd });
    this.defineGlobals(console, this.builtins.webcrypto());
    this.graph = new ModuleGraph({
      ...habitat,
      open: options.making === 'open' ? options.file : undefined,
    });
    const given = new Set(Object.keys(context));
    life.interior = interiorOf(() => this.graph.known(options.file), {
      globals: () =>
        Object.fromEntries(Object.entries(context).filter(([name]) => !given.has(name))),
    });
  }

  /** Runs the file. The incarnation ends with the process, and the run is told how. */
  start(): void {
    const { life, options } = this;
    const { loop } = life;
    life.catches = (error, rejected) => this.caught(error, rejected);
    life.atEnd = () => {
      for (const cleanup of this.cleanups) cleanup();
      endShared();
    };
    loop.grainNs = NS_PER_MS;
    loop.afterTurn = () => this.look();
    loop.open();
    // Node.js evaluates an ES module inside a microtask: what it queues runs before its ticks.
    if (moduleOf(options.file).form.is !== 'esm') this.run();
    else queueMicrotask(() => this.run());
  }

  private run(): void {
    let instance: Instance;
    try {
      instance = this.graph.run(this.options.file);
    } catch (error) {
      this.fail(error);
      return;
    }
    const pending = instance.is === 'esm' ? instance.pending : undefined;
    if (pending === undefined) {
      this.entry = 'done';
      return;
    }
    pending.then(
      () => {
        this.entry = 'done';
      },
      (error) => this.fail(error),
    );
  }

  private fail(error: unknown): void {
    this.entry = 'done';
    this.life.uncaught(error);
  }

  /** Between turns: does anything keep the process alive? */
  private look(): void {
    const { life, installed } = this;
    if (!life.node.world.kernel.become(life)) return;
    if (this.holds > 0) {
      this.toldBeforeExit = false;
    } else if (!this.toldBeforeExit && installed.process.listenerCount('beforeExit') > 0) {
      this.toldBeforeExit = true;
      installed.process.emit('beforeExit', this.exitCode);
      // Another turn, in which what the listeners have begun is seen.
      life.loop.defer(() => {});
    } else if (this.entry === 'unsettled') {
      this.stuck();
    } else {
      this.leave(this.exitCode);
    }
  }

  private get exitCode(): number {
    return Number(this.installed.process.exitCode ?? 0);
  }

  private exit(code: number): never {
    if (this.exiting) this.installed.process.exitCode = code;
    else if (this.life.alive) this.leave(code);
    throw new Ended('the process has exited');
  }

  private leave(code: number): void {
    const { life } = this;
    const { node } = life;
    const { world } = node;
    const exitCode = this.tellExit(code);
    if (!life.alive) return;
    // After an error that nobody caught the code says nothing.
    if (world.violation === undefined) world.note(node, `exits with code ${exitCode}`);
    life.finished = true;
    life.end();
    if (exitCode === 0) world.mainReturned(life);
    else world.exited(node, exitCode);
  }

  /** Calls the listeners of `exit`, who may change the code. */
  private tellExit(code: number): number {
    const { process } = this.installed;
    this.exiting = true;
    process._exiting = true;
    try {
      process.emit('exit', code);
    } catch (error) {
      this.life.uncaught(error);
    }
    return Number(process.exitCode ?? code);
  }

  private stuck(): void {
    const { node } = this.life;
    this.tellExit(UNSETTLED);
    const places = this.graph.stuckAt().map(placeInWords).join(', ');
    const message = `the top-level await at ${places} never settles, and nothing is pending`;
    node.world.violate({ property: 'deadlock', message }, [node], 'never settles');
  }

  /** What Node.js does with errors that nobody caught; true when the process goes on. */
  private caught(error: unknown, rejected: Promise<unknown> | undefined): boolean {
    const { process } = this.installed;
    if (error instanceof Ended) return true;
    if (this.exiting) return false;
    if (rejected !== undefined && process.emit('unhandledRejection', error, rejected)) return true;
    const origin = rejected === undefined ? 'uncaughtException' : 'unhandledRejection';
    process.emit('uncaughtExceptionMonitor', error, origin);
    if (process.emit('uncaughtException', error, origin)) return true;
    this.tellExit(1);
    return false;
  }

  private host(): ProcessHost {
    const { life, options } = this;
    const { clock } = life.env;
    return {
      main: globalThis,
      types,
      events: EventEmitter as unknown as ProcessHost['events'],
      stream: stream as unknown as ProcessHost['stream'],
      clock: {
        wallMs: () => clock.wallMs(),
        monotonicMs: () => clock.monotonicMs(),
      },
      loop: {
        after: (delayMs, callback) => life.loop.after(delayMs, callback),
        immediate: (callback) => life.loop.immediate(callback),
        inContext,
        hold: (by) => {
          this.holds += by;
        },
      },
      random: () => fraction(life),
      nextTick: (callback) => process.nextTick(callback),
      notSimulated: (called) => refuseToSimulate(called, refuseToSimulate),
      emitWarning: (warning, type) => {
        (this.installed.process as unknown as NodeJS.Process).emitWarning(warning, type);
      },
      argv: options.argv,
      env: options.env,
      cwd: options.cwd,
      print: (to, text) => life.print(to, text),
      builtin: (name) =>
        isBuiltin(name) ? this.builtins?.get(name.replace(/^node:/, '')) : undefined,
      exit: (code) => this.exit(code),
    };
  }

  private defineGlobals(console: NodeConsole, crypto: object): void {
    Object.defineProperties(this.context, {
      ...nodeGlobals(),
      console: { value: console, configurable: true, writable: true },
      crypto: { value: crypto, configurable: true, writable: true, enumerable: true },
    });
  }
}

/** What Node.js exits with when the top level of the main module never settles. */
const UNSETTLED = 13;

/** What a realm is made with; the source, or what it was compiled to. */
const INSTALL = resolve({
  specifier: new URL('../inside/install.ts', import.meta.url).href,
  kind: 'import',
  from: { file: fileURLToPath(import.meta.url) },
});

/** Node.js itself defines those that its V8 lacks, in its own realm only. */
function shareSymbols(realm: typeof globalThis): void {
  for (const name of ['dispose', 'asyncDispose'] as const) {
    if (realm.Symbol[name] === undefined && Symbol[name] !== undefined) {
      Object.defineProperty(realm.Symbol, name, { value: Symbol[name] });
    }
  }
}
