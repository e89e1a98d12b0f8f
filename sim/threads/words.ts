/** Results and values of steps as words of the digest. */
import { GOLDEN, hashName, scramble } from '../choice/mix.ts';
import { SharedObject } from './operation.ts';

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

export function wordOfNumber(value: number): number {
  if ((value | 0) === value) return value;
  float[0] = value;
  return scramble(halves[0]! ^ GOLDEN) ^ halves[1]!;
}

/** Of an object or function that is not ours only its being one: its content has no fixed form. */
export function wordOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return wordOfNumber(value);
    case 'boolean':
      return value ? 3 : 2;
    case 'string':
      return hashName(value);
    case 'undefined':
      return 1;
    default:
      return value instanceof SharedObject ? value.number : 5;
  }
}
