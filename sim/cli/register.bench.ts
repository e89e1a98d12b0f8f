/** The rows `kernel/register` and `kernel/register-shared` of `npm run bench`. */
import { fileURLToPath } from 'node:url';
import { provided } from '../campaign/provided.ts';
import { findTarget, loadTarget } from '../campaign/targets.ts';
import { runEach } from '../explore/runner.ts';
import type { Subject } from '../explore/subject.ts';
import { scenarioSubject } from '../explore/subjects.ts';
import { type Scenario, scenarioAt } from '../scenario/scenario.ts';
import type { Rows } from '../trace/bench-row.ts';
import { median } from './measure.ts';

const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url));
const FULL = { rounds: 5, seeds: 60 };

/** 5 replicas, 8 clients, 200 operations in total, faults and checker on: seeds a second, one process. */
export async function* rows({ rounds, seeds }: typeof FULL = FULL): Rows {
  const { scenario } = await loadTarget(await findTarget('register', PACKAGE));
  const fresh = await subjectOf(scenario!, 'fresh');
  const shared = await subjectOf(scenario!, 'shared');
  const rates = { fresh: [] as number[], shared: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const a = await rateOf(fresh, round, seeds);
    const b = await rateOf(shared, round, seeds);
    // The first round warms up.
    if (round === 0) continue;
    rates.fresh.push(a);
    rates.shared.push(b);
  }
  const row = { unit: 'seeds/s', better: 'higher', scales: 'rate' } as const;
  yield { name: 'kernel/register', raw: median(rates.fresh), ...row, target: '>= 60' };
  yield { name: 'kernel/register-shared', raw: median(rates.shared), ...row, target: '>= 120' };
}

async function subjectOf(scenario: Scenario, modules: 'fresh' | 'shared'): Promise<Subject> {
  const { roles, check, file, ...rest } = scenario;
  const options = { ...rest, roles: Object.fromEntries(roles), modules };
  const variant = scenarioAt(check === undefined ? options : { ...options, check }, file);
  return scenarioSubject(variant, await provided());
}

async function rateOf(subject: Subject, round: number, seeds: number): Promise<number> {
  const specs = Array.from({ length: seeds }, (_, i) => ({
    seed: String(round * seeds + i + 1),
    strategy: 'random' as const,
  }));
  const began = performance.now();
  for await (const { spec, result } of runEach(subject, specs)) {
    if (result.verdict !== 'passed') throw new Error(`seed ${spec.seed}: ${result.verdict}`);
  }
  return seeds / ((performance.now() - began) / 1000);
}
