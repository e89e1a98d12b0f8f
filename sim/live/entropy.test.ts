import { expect, test } from 'vitest';
import { ProgramRandom } from '../choice/program-random.ts';
import { Entropy } from './entropy.ts';
import { strokeOf } from './storm.ts';

const bytesOf = (seed?: string) => new ProgramRandom(new Entropy(seed)).bytes('test.bytes', 3_000);

test('a seed makes the same plans and draws, another one others', () => {
  expect(bytesOf('7')).toEqual(bytesOf('7'));
  expect(bytesOf('7')).not.toEqual(bytesOf('8'));
  const planned = (seed: string) => strokeOf(100_000, new ProgramRandom(new Entropy(seed)));
  expect(planned('7')).toEqual(planned('7'));
  expect(planned('7')).not.toEqual(planned('8'));
});

// Two times the same 3,000 bytes come from a machine's generator with probability 2^-24000.
test('without a seed, no two draw the same', () => {
  expect(bytesOf()).not.toEqual(bytesOf());
});
