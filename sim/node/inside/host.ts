/** What the outside offers the modules in this folder. */
export interface Host {
  /** The realm in which Node.js and the harness live. */
  readonly main: typeof globalThis;
  readonly types: typeof import('node:util').types;
  readonly clock: {
    /** Whole milliseconds since the epoch. */
    wallMs(): number;
    /** Milliseconds since the process began, with fractions. */
    monotonicMs(): number;
  };
  readonly loop: {
    after(delayMs: number, callback: () => void): Cancellable;
    immediate(callback: () => void): Cancellable;
    /** The callback with what storages of async_hooks hold now. */
    inContext(callback: () => void): () => void;
    /** One thing more, or less, that keeps the process alive. */
    hold(by: 1 | -1): void;
  };
  /** A fraction in [0, 1), from the seed. */
  random(): number;
  nextTick(callback: () => void): void;
  /** Never returns: the run is told, and the caller gets an error. */
  notSimulated(called: string): never;
  emitWarning(warning: string, type: string): void;
}

export interface Cancellable {
  cancel(): void;
}

/** A function of either realm. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Defines globals that are enumerable in Node.js. */
export function defineGlobals(globals: { readonly [name: string]: unknown }): void {
  for (const name of Object.keys(globals)) {
    Object.defineProperty(globalThis, name, {
      value: globals[name],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

/** Defines properties as built-ins have them: not enumerable, and replaceable. */
export function define(object: object, properties: { readonly [name: string]: unknown }): void {
  for (const name of Object.keys(properties)) {
    Object.defineProperty(object, name, {
      value: properties[name],
      configurable: true,
      writable: true,
    });
  }
}
