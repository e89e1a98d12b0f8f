/**
 * Reads `hog` and a count that is one more than the bytes that follow: with a planted bug that only
 * an input which takes six decisions in the right way, one after another, meets.
 */
import type { FuzzTarget } from '../target.ts';

export const target: FuzzTarget = {
  name: 'canary',
  words: [],
  bytesMax: 64,
  starts: [],
  run(input) {
    if (input[0] !== 0x68) return;
    if (input[1] !== 0x6f) return;
    if (input[2] !== 0x67) return;
    if (input[3] !== input.length - 3) return;
    const last = input.at(-1)!;
    if (last < 0xc0) return;
    if (last % 7 !== 3) return;
    throw new Error('the planted bug');
  },
};
