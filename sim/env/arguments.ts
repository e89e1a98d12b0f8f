/**
 * What calls of Env are given, where no compiler has looked. Asked on cold paths only, or where something
 * has gone wrong already; the two implementations refuse the same with the same words.
 */
import { type Address, PORT_MAX } from './net.ts';

/** A call that makes no sense: `call` is how it is written. */
export function wrongCall(call: string, problem: string): TypeError {
  return new TypeError(`${call}: ${problem}`);
}

/** As a message shows what was given: `'x'`, `undefined`, `a function`. */
export function given(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object' || value === null) return String(value);
  const { name } = (Object.getPrototypeOf(value) as object | null)?.constructor ?? {};
  return name === undefined || name === 'Object' ? 'an object' : `a ${name}`;
}

export function checkText(call: string, what: string, value: unknown): void {
  if (typeof value !== 'string')
    throw wrongCall(call, `the ${what} is a text, not ${given(value)}`);
}

export function checkFunction(call: string, what: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw wrongCall(call, `${what} is a function, not ${given(value)}`);
  }
}

/** A function or a promise is true for whoever only asks `if (holds)`: then nothing would be checked. */
export function checkHolds(call: string, name: unknown, holds: unknown): void {
  checkText(call, 'name', name);
  if (typeof holds === 'function' || holds instanceof Promise) {
    throw wrongCall(call, `holds is a boolean, not ${given(holds)}: say what it comes to`);
  }
}

/** The promise of a call that `check` refuses. */
export function refused(check: () => void): Promise<never> {
  return new Promise((_, reject) => {
    try {
      check();
    } catch (error) {
      reject(error);
    }
  });
}

/** @throws RangeError, TypeError */
export function checkPort(port: unknown): void {
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return;
  const message = `a port is a whole number from 0 to ${PORT_MAX}, not ${given(port)}`;
  throw typeof port === 'number' ? new RangeError(message) : new TypeError(message);
}

export function checkAddress(to: unknown): void {
  const call = 'net.connect({ host, port })';
  if (typeof to !== 'object' || to === null) {
    throw wrongCall(call, `an address is an object, not ${given(to)}`);
  }
  const { host, port } = to as Partial<Address>;
  checkText(call, 'host', host);
  // A number that is no port is one where nobody listens.
  if (typeof port !== 'number') checkPort(port);
}

const MODES = new Set(['read', 'update', 'open-or-create', 'create']);

export function checkMode(mode: unknown): void {
  if (typeof mode === 'string' && MODES.has(mode)) return;
  const modes = [...MODES].map((one) => `'${one}'`).join(', ');
  throw wrongCall('disk.open(path, mode)', `a mode is one of ${modes}, not ${given(mode)}`);
}

export function checkPath(path: unknown): void {
  if (typeof path !== 'string') throw new TypeError(`a path is a text, not ${given(path)}`);
}

export function checkRename(paths: unknown): void {
  if (typeof paths !== 'object' || paths === null) {
    throw wrongCall('disk.rename({ from, to })', `one object, not ${given(paths)}`);
  }
  const { from, to } = paths as { readonly from?: unknown; readonly to?: unknown };
  checkPath(from);
  checkPath(to);
}

export function checkRange(range: unknown): void {
  if (typeof range === 'object' && range !== null) return;
  throw wrongCall('file.read({ at, bytes })', `one object, not ${given(range)}`);
}

export function checkBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  throw wrongCall('file.write(at, bytes)', `bytes are a Uint8Array, not ${given(bytes)}`);
}

export function checkOperation(options: unknown, body: unknown): void {
  const call = 'env.operation(label, { thinkMs }, body)';
  const { thinkMs } = (options ?? {}) as { readonly thinkMs?: unknown };
  if (!(typeof thinkMs === 'number' && thinkMs >= 0 && thinkMs < Infinity)) {
    throw wrongCall(call, `thinkMs is a number of ms from 0, not ${given(thinkMs)}`);
  }
  checkFunction(call, 'the body', body);
}
