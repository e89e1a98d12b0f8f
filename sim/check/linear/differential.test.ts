import { describe, expect, test } from 'vitest';
import { linearizableByBruteForce } from '../oracle/exhaustive.ts';
import { generate, toldByOtherClocks, withLies } from '../oracle/generate.ts';
import { Random } from '../oracle/random.ts';
import { WORKLOADS } from '../oracle/workloads.ts';
import { linearizable } from './linearizable.ts';

// 1,000 histories a workload, three in four with lies. A bug that shows in one history of 300 is
// missed with a chance of e^-3; `npm run score -- check` compares many more.
describe.each(WORKLOADS)('$name', ({ model, client, by }) => {
  test('agrees with trying every order', () => {
    const random = new Random(1);
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    const ways = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const shape = { clients: 2 + random.below(3), operations: 7, unknownOneIn: 8 };
      const honest = generate(model, client, shape, random);
      const lied = withLies(honest, model, i % 4, random);
      const history = random.oneIn(3) ? toldByOtherClocks(lied, random) : lied;
      const { verdict, decidedBy } = linearizable(history, model);
      const expected = linearizableByBruteForce(history, model) ? 'valid' : 'invalid';
      expect(verdict, JSON.stringify(history)).toBe(expected);
      expect(linearizable(history, model, { partition: 'no' }).verdict).toBe(expected);
      seen[verdict]++;
      for (const way of Object.keys(decidedBy)) ways.add(way);
    }
    expect(seen.invalid).toBeGreaterThan(25);
    expect(seen.valid).toBeGreaterThan(200);
    expect([...ways]).toContain(by);
  });
});
