/** Randomness of a realm: `Math.random` and `node:crypto`, each draw a decision of the run. */
import { randomInt as realRandomInt } from 'node:crypto';
import { uniform } from '../../choice/shape.ts';
import { site } from '../../choice/site.ts';
import { outsideWorld } from '../../sched/inside-world.ts';
import type { Incarnation } from '../incarnation.ts';

const MATH = site('Math.random');
const UNIT = uniform(0, 2 ** 53 - 1);
/** What one call of `env.random.bytes` may ask for. */
const BYTES_MAX = 65_536;

type Done = (error: null, value: unknown) => void;
type View = ArrayBufferView & { length?: number; BYTES_PER_ELEMENT?: number };

/** Functions of `node:crypto`, by name. */
interface SeededCrypto {
  readonly [name: string]: (...args: never[]) => unknown;
  readonly randomInt: (...args: unknown[]) => unknown;
}

/** A fraction in [0, 1). Site: `Math.random`. */
export function fraction({ node }: Incarnation): number {
  return node.world.kernel.choices.value(MATH, UNIT) / 2 ** 53;
}

/** Sites: `crypto.randomBytes`, `crypto.randomInt`, `crypto.randomUUID`. */
export function seededCrypto(
  { env }: Incarnation,
  later: (callback: () => void) => void,
): SeededCrypto {
  const bytes = (count: number): Buffer => {
    const out = Buffer.alloc(count);
    for (let at = 0; at < count; at += BYTES_MAX) {
      out.set(env.random.bytes('crypto.randomBytes', Math.min(BYTES_MAX, count - at)), at);
    }
    return out;
  };
  const answer = <T>(value: T, done: Done | undefined): T | undefined => {
    if (done === undefined) return value;
    later(() => done(null, value));
    return undefined;
  };
  const randomBytes = (count: number, done?: Done): unknown => answer(bytes(count), done);
  const fill = (view: View, offset = 0, size?: number): View => {
    const scale = view.BYTES_PER_ELEMENT ?? 1;
    const memory = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const from = offset * scale;
    const length = size === undefined ? view.byteLength - from : size * scale;
    memory.set(bytes(length), from);
    return view;
  };
  return {
    randomBytes,
    pseudoRandomBytes: randomBytes,
    prng: randomBytes,
    rng: randomBytes,
    randomFillSync: (view: View, offset?: number, size?: number) =>
      fill(ArrayBuffer.isView(view) ? view : new Uint8Array(view), offset, size),
    randomFill: (view: View, ...rest: unknown[]) => {
      const done = rest.pop() as Done;
      answer(fill(view, ...(rest as number[])), done);
    },
    randomInt: (...args: unknown[]) => {
      const done = typeof args.at(-1) === 'function' ? (args.pop() as Done) : undefined;
      const [min, max] = (args.length === 1 ? [0, args[0]] : args) as [number, number];
      // Node.js says what is wrong with the range; what it draws is dropped.
      if (!(min < max)) outsideWorld(() => realRandomInt(min, max));
      return answer(env.random.integer('crypto.randomInt', { min, max: max - 1 }), done);
    },
    randomUUID: () => env.random.uuid('crypto.randomUUID'),
    getRandomValues: (view: View) => fill(view),
  };
}
