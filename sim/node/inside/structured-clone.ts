/** `structuredClone` (HTML, 2.7) with the classes of this realm; nothing can be transferred but memory. */
import { defineGlobals, type Host } from './host.ts';

const ERRORS = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

interface Options {
  readonly transfer?: readonly object[];
}

export function installStructuredClone(host: Host): void {
  const structuredClone = (value: unknown, options?: Options): unknown => {
    const cloned = new Map<object, unknown>();
    for (const memory of options?.transfer ?? []) {
      cloned.set(memory, host.main.structuredClone(memory, { transfer: [memory as ArrayBuffer] }));
    }
    return cloneOf(value, cloned, host);
  };
  defineGlobals({ structuredClone });
}

function cloneOf(value: unknown, cloned: Map<object, unknown>, host: Host): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw notCloned(value, host);
  if (typeof value !== 'object' || value === null) return value;
  if (cloned.has(value)) return cloned.get(value);
  const { types } = host;
  const again = (part: unknown): unknown => cloneOf(part, cloned, host);
  const keep = <T>(copy: T): T => {
    cloned.set(value, copy);
    return copy;
  };
  if (Array.isArray(value)) return copyKeys(value, keep(new Array(value.length)), again);
  if (types.isMap(value)) {
    const copy = keep(new Map());
    for (const [key, entry] of [...value]) copy.set(again(key), again(entry));
    return copy;
  }
  if (types.isSet(value)) {
    const copy = keep(new Set());
    for (const entry of [...value]) copy.add(again(entry));
    return copy;
  }
  if (types.isDate(value)) return keep(new Date(value.valueOf()));
  if (types.isRegExp(value)) return keep(new RegExp(value.source, value.flags));
  if (types.isBoxedPrimitive(value)) return keep(Object(value.valueOf()));
  if (types.isAnyArrayBuffer(value))
    return keep(types.isSharedArrayBuffer(value) ? value : value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(viewOf(value, again));
  if (types.isNativeError(value)) return cloneError(value, keep, again);
  if (types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value)) {
    throw notCloned(value, host);
  }
  return copyKeys(value, keep({}), again);
}

function copyKeys(from: object, to: object, again: (part: unknown) => unknown): object {
  for (const key of Object.keys(from)) {
    (to as { [key: string]: unknown })[key] = again((from as { [key: string]: unknown })[key]);
  }
  return to;
}

function viewOf(view: ArrayBufferView, again: (part: unknown) => unknown): ArrayBufferView {
  const buffer = again(view.buffer) as ArrayBuffer;
  // A Buffer comes out as what it is underneath.
  const name = view instanceof DataView ? 'DataView' : (view as Uint8Array)[Symbol.toStringTag];
  const View = globalThis[name as 'Uint8Array'];
  const length = 'length' in view ? (view.length as number) : view.byteLength;
  return new View(buffer, view.byteOffset, length);
}

function cloneError(
  error: Error,
  keep: <T>(copy: T) => T,
  again: (part: unknown) => unknown,
): Error {
  const Class = ERRORS.find(({ name }) => name === error.name) ?? Error;
  const copy = keep(new Class(error.message));
  Object.defineProperty(copy, 'stack', { value: error.stack, configurable: true, writable: true });
  if ('cause' in error) {
    const value = again(error.cause);
    Object.defineProperty(copy, 'cause', { value, configurable: true, writable: true });
  }
  return copy;
}

function notCloned(value: unknown, { main }: Host): Error {
  const what = typeof value === 'object' ? Object.prototype.toString.call(value) : String(value);
  return new main.DOMException(`${what} could not be cloned.`, 'DataCloneError');
}
