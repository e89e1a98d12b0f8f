/** What calls of Env are given, checked: TypeScript says it, and much of what calls is not TypeScript. */
import type { OpenMode } from './disk.ts';
import { PORT_MAX } from './net.ts';

/** @throws TypeError that names the call, what it was given and what it takes. */
export function checkFunction(call: string, given: unknown, takes: string): void {
  if (typeof given !== 'function') refuse(call, given, takes);
}

/** @throws TypeError */
export function checkName(call: string, given: unknown, takes: string): void {
  if (typeof given !== 'string') refuse(call, given, takes);
}

/** The message of `unknown-host`. */
export function noNode(host: string): string {
  return `no node is named ${inWords(host)}: env.peers(role) has the names`;
}

/** @throws TypeError */
export function checkOperation(label: string, options: unknown, body: unknown): void {
  const call = `operation(${inWords(label)}, …)`;
  const takes = 'env.operation(label, { thinkMs }, async () => { … })';
  checkName(call, label, takes);
  if (typeof options !== 'object' || options === null) refuse(call, options, takes);
  const { thinkMs } = options as { readonly thinkMs?: unknown };
  if (typeof thinkMs !== 'number' || !(thinkMs >= 0 && thinkMs < Infinity)) {
    throw new TypeError(
      `${call}: thinkMs is ${inWords(thinkMs)}, not 0 ms or more; it is ${takes}`,
    );
  }
  checkFunction(call, body, takes);
}

/** @throws TypeError */
export function checkSnapshot(name: string, snapshot: unknown): void {
  checkFunction(`observe(${inWords(name)}, …)`, snapshot, 'env.observe(name, () => plainData)');
}

/** @throws TypeError */
export function checkEventually(name: string, holds: unknown): void {
  const call = `eventually(${inWords(name)}, …)`;
  checkFunction(call, holds, 'env.eventually(name, () => trueOrFalse)');
}

/** @throws TypeError */
export function checkThread(name: unknown, body: unknown): void {
  const takes = 'env.threads.spawn(name, function* () { … })';
  checkName('threads.spawn', name, takes);
  checkFunction(`threads.spawn(${inWords(name)}, …)`, body, takes);
}

/**
 * A function or a promise is true for whoever only asks `if (holds)`: then nothing would be checked.
 *
 * @throws TypeError
 */
export function checkHolds(call: 'always' | 'sometimes', name: unknown, holds: unknown): void {
  const takes = `env.${call}(name, trueOrFalse)`;
  checkName(call, name, takes);
  const where = `${call}(${inWords(name)}, …)`;
  if (typeof holds === 'function') refuse(where, holds, takes);
  if (holds instanceof Promise) throw new TypeError(`${where} was given a promise; it is ${takes}`);
}

/** @throws RangeError, TypeError */
export function checkPort(port: unknown): void {
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return;
  const message = `a port is a whole number from 0 to ${PORT_MAX}, not ${inWords(port)}`;
  throw typeof port === 'number' ? new RangeError(message) : new TypeError(message);
}

/** A number that is no port is one where nobody listens. @throws TypeError */
export function checkAddress(to: unknown): void {
  const takes = 'env.net.connect({ host, port })';
  if (typeof to !== 'object' || to === null) refuse('net.connect', to, takes);
  const { host, port } = to as { readonly host?: unknown; readonly port?: unknown };
  if (typeof host !== 'string') refuse('net.connect', to, takes);
  if (typeof port !== 'number') checkPort(port);
}

const MODES: readonly unknown[] = [
  'read',
  'update',
  'open-or-create',
  'create',
] satisfies readonly OpenMode[];

/** @throws TypeError */
export function checkMode(mode: unknown): void {
  if (MODES.includes(mode)) return;
  const modes = MODES.map((one) => `'${one}'`).join(', ');
  throw new TypeError(`disk.open: a mode is one of ${modes}, not ${inWords(mode)}`);
}

/** @throws TypeError */
export function checkPath(path: unknown): void {
  if (typeof path !== 'string') throw new TypeError(`a path is a text, not ${inWords(path)}`);
}

/** @throws TypeError */
export function checkRename(paths: unknown): void {
  if (typeof paths !== 'object' || paths === null) {
    refuse('disk.rename', paths, 'env.disk.rename({ from, to })');
  }
  const { from, to } = paths as { readonly from?: unknown; readonly to?: unknown };
  checkPath(from);
  checkPath(to);
}

/** @throws TypeError */
export function checkRange(range: unknown): void {
  if (typeof range === 'object' && range !== null) return;
  refuse('file.read', range, 'file.read({ at, bytes })');
}

/** @throws TypeError */
export function checkBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  refuse('file.write', bytes, 'file.write(at, aUint8Array)');
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

/** @throws TypeError that names the call, what it was given and what it takes. */
export function refuse(call: string, given: unknown, takes: string): never {
  throw new TypeError(`${call} was given ${inWords(given)}; it is ${takes}`);
}

/** A given value in a word or two. */
export function inWords(given: unknown): string {
  switch (typeof given) {
    case 'undefined':
      return 'nothing';
    case 'function':
      return 'a function';
    case 'string':
      return JSON.stringify(given.length <= 40 ? given : `${given.slice(0, 39)}…`).replaceAll(
        '"',
        "'",
      );
    case 'object':
      if (given === null) return 'null';
      return Array.isArray(given) ? 'an array' : 'an object';
    default:
      return String(given);
  }
}
