/**
 * Objects of two realms meet in a program: its own, and those that Node.js makes. `instanceof` is
 * made to hold for both, and memory (buffers, typed arrays) has the classes of the main realm.
 */
import type { Host } from './host.ts';

const MEMORY = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

const SHARED = [
  'Object',
  'Function',
  'Array',
  'Promise',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'RegExp',
  'Date',
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
] as const;

type Realm = { readonly [name: string]: unknown };

export function installIdentity({ main }: Host): void {
  const theirs = main as unknown as Realm;
  const ours = globalThis as unknown as Realm;
  for (const name of MEMORY) {
    if (name in theirs) {
      Object.defineProperty(globalThis, name, {
        value: theirs[name],
        configurable: true,
        writable: true,
      });
    }
  }
  const isInstance = Function.prototype[Symbol.hasInstance];
  for (const name of SHARED) {
    const our = ours[name] as object;
    const their = theirs[name];
    Object.defineProperty(our, Symbol.hasInstance, {
      configurable: true,
      // Subclasses inherit this, and keep their ordinary meaning.
      value(this: unknown, value: unknown): boolean {
        return isInstance.call(this, value) || (this === our && isInstance.call(their, value));
      },
    });
  }
}

/**
 * Gives what Node.js has made (`path.parse`, `events.once`) the prototypes of this realm, for those
 * who compare prototypes; goes through what is plain.
 */
export function adopt(value: unknown, { main }: Host): void {
  const prototypes = new Map<object, object>();
  for (const name of SHARED) {
    const [their, our] = [main, globalThis].map(
      (realm) => (realm as unknown as { [name: string]: { prototype: object } })[name]!.prototype,
    );
    prototypes.set(their!, our!);
  }
  const seen = new Set<unknown>();
  const visit = (at: unknown): void => {
    if (typeof at !== 'object' || at === null || seen.has(at)) return;
    seen.add(at);
    const ours = prototypes.get(Object.getPrototypeOf(at));
    if (ours !== undefined && Object.isExtensible(at)) Object.setPrototypeOf(at, ours);
    if (at instanceof Map) for (const entry of at) entry.forEach(visit);
    else if (at instanceof Set) at.forEach(visit);
    for (const key of Object.keys(at)) {
      const property = Object.getOwnPropertyDescriptor(at, key)!;
      if ('value' in property) visit(property.value);
    }
  };
  visit(value);
}
