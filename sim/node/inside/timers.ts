/** Timers as Node.js has them (lib/timers.js, lib/internal/timers.js), on the node's event loop. */
import { type AnyFunction, type Cancellable, defineGlobals, type Host } from './host.ts';

const DELAY_MAX = 2 ** 31 - 1;
const PROMISIFIED = Symbol.for('nodejs.util.promisify.custom');
const INSPECTED = Symbol.for('nodejs.util.inspect.custom');
/** As Node.js names it when it shows a timer. */
const REFED = Symbol('refed');
export interface TimerFunctions {
  setTimeout: (callback: unknown, delayMs?: unknown, ...args: unknown[]) => Timeout;
  setInterval: (callback: unknown, periodMs?: unknown, ...args: unknown[]) => Timeout;
  setImmediate: (callback: unknown, ...args: unknown[]) => Immediate;
  clearTimeout: (timer: unknown) => void;
  clearInterval: (timer: unknown) => void;
  clearImmediate: (immediate: unknown) => void;
}

type Loop = Host['loop'];
type Inspect = (value: object, options: object) => string;

/**
 * Keeps the process alive while it is pending and not unref'ed. What a timer of Node.js does not have is
 * hidden from whoever shows or copies one.
 */
abstract class Pending {
  readonly #loop: Loop;
  #handle: Cancellable | undefined;
  #wanted = true;
  #holds = false;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  protected get loop(): Loop {
    return this.#loop;
  }

  protected get handle(): Cancellable | undefined {
    return this.#handle;
  }

  protected set handle(handle: Cancellable | undefined) {
    this.#handle = handle;
  }

  ref(): this {
    this.#wanted = true;
    this.weigh();
    return this;
  }

  unref(): this {
    this.#wanted = false;
    this.weigh();
    return this;
  }

  hasRef(): boolean {
    return this.#wanted;
  }

  /** What Node.js shows of it too. */
  protected abstract shown(): object;

  static {
    Object.defineProperty(Pending.prototype, INSPECTED, {
      value(this: Pending, _depth: number, options: object, inspect: Inspect): string {
        const shown = { ...this.shown(), [REFED]: this.hasRef() };
        return `${this.constructor.name} ${inspect(shown, options)}`;
      },
      configurable: true,
      writable: true,
    });
  }

  /** To be called whenever it has begun or ceased to be pending. */
  protected weigh(): void {
    const holds = this.#wanted && this.handle !== undefined;
    if (holds === this.#holds) return;
    this.#holds = holds;
    this.#loop.hold(holds ? 1 : -1);
  }
}

export class Timeout extends Pending {
  /** 1 or more; what counts are its whole milliseconds. */
  readonly _idleTimeout: number;
  readonly _repeat: number | null;
  _onTimeout: AnyFunction | null;
  readonly #args: readonly unknown[];
  readonly #ids: Map<number, Timeout>;
  readonly #id: number;
  #named = false;
  #cleared = false;
  readonly #fires: () => void;

  constructor(
    loop: Loop,
    ids: Map<number, Timeout>,
    id: number,
    callback: AnyFunction,
    delayMs: number,
    repeats: boolean,
    args: readonly unknown[],
  ) {
    super(loop);
    this.#ids = ids;
    this.#id = id;
    this._onTimeout = callback;
    this._idleTimeout = delayMs;
    this._repeat = repeats ? delayMs : null;
    this.#args = args;
    this.#fires = loop.inContext(() => this.fire());
    this.start();
  }

  /** Starts anew from now, also when it has run; not when it was cleared. */
  refresh(): this {
    if (!this.#cleared) this.start();
    return this;
  }

  close(): this {
    this.#cleared = true;
    this.handle?.cancel();
    this.gone();
    return this;
  }

  /** A number by which it can be cleared. */
  [Symbol.toPrimitive](): number {
    if (!this.#named && this.handle !== undefined) this.#ids.set(this.#id, this);
    this.#named = true;
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected override shown(): object {
    const { _idleTimeout, _onTimeout, _repeat } = this;
    return { _idleTimeout, _onTimeout, _repeat, _destroyed: this.handle === undefined };
  }

  private start(): void {
    this.handle?.cancel();
    this.handle = this.loop.after(Math.trunc(this._idleTimeout), this.#fires);
    this.weigh();
  }

  private fire(): void {
    this.handle = undefined;
    try {
      this._onTimeout!(...this.#args);
    } finally {
      if (this._repeat !== null && !this.#cleared) this.start();
      else if (this.handle === undefined) this.gone();
    }
  }

  private gone(): void {
    this.handle = undefined;
    this.weigh();
    if (this.#named) this.#ids.delete(this.#id);
  }
}

export class Immediate extends Pending {
  _onImmediate: AnyFunction | null;

  constructor(loop: Loop, callback: AnyFunction, args: readonly unknown[]) {
    super(loop);
    this._onImmediate = callback;
    this.handle = loop.immediate(() => {
      this.gone();
      callback.apply(this, args as unknown[]);
    });
    this.weigh();
  }

  close(): void {
    this.handle?.cancel();
    this.gone();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected override shown(): object {
    return { _onImmediate: this._onImmediate, _destroyed: this.handle === undefined };
  }

  private gone(): void {
    this.handle = undefined;
    this.weigh();
  }
}

export function installTimers({ loop, emitWarning }: Host): TimerFunctions {
  const ids = new Map<number, Timeout>();
  let lastId = 0;

  const start = (
    callback: unknown,
    given: unknown,
    repeats: boolean,
    args: readonly unknown[],
  ): Timeout => {
    const delayMs = delayOf(given, emitWarning);
    return new Timeout(loop, ids, ++lastId, checked(callback), delayMs, repeats, args);
  };

  const clear = (timer: unknown): void => {
    if (timer instanceof Timeout) timer.close();
    else if (typeof timer === 'number' || typeof timer === 'string')
      ids.get(Number(timer))?.close();
  };

  const functions: TimerFunctions = {
    setTimeout: (callback, delayMs, ...args) => start(callback, delayMs, false, args),
    setInterval: (callback, periodMs, ...args) => start(callback, periodMs, true, args),
    setImmediate: (callback, ...args) => new Immediate(loop, checked(callback), args),
    clearTimeout: (timer) => clear(timer),
    clearInterval: (timer) => clear(timer),
    clearImmediate: (immediate) => {
      if (immediate instanceof Immediate) immediate.close();
    },
  };
  defineGlobals({ ...functions });
  return functions;
}

/** What `util.promisify` makes of timers. */
export function promisifiesTo(
  functions: TimerFunctions,
  promised: { setTimeout: unknown; setImmediate: unknown },
): void {
  for (const name of ['setTimeout', 'setImmediate'] as const) {
    Object.defineProperty(functions[name], PROMISIFIED, {
      enumerable: true,
      get: () => promised[name],
    });
  }
}

function delayOf(given: unknown, emitWarning: Host['emitWarning']): number {
  const delayMs = given === undefined ? 1 : Number(given);
  if (delayMs >= 1 && delayMs <= DELAY_MAX) return delayMs;
  if (delayMs > DELAY_MAX) {
    const what = `${delayMs} does not fit into a 32-bit signed integer.`;
    emitWarning(`${what}\nTimeout duration was set to 1.`, 'TimeoutOverflowWarning');
  }
  return 1;
}

function checked(callback: unknown): AnyFunction {
  if (typeof callback === 'function') return callback as AnyFunction;
  const error = new TypeError('The "callback" argument must be of type function.');
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}
