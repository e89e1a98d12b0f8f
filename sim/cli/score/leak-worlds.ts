/** A process that runs the worlds of one target, seed after seed, and tells how much memory it has. */
import { loadTarget, type TargetRef } from '../../campaign/targets.ts';
import { runEach } from '../../explore/runner.ts';
import type { RunSpec } from '../../explore/subject.ts';
import { type MemoryReading, READ_EVERY, WINDOW } from './leak.ts';

const [target, from, to] = process.argv.slice(2) as [string, string, string];
const marks = [Number(from), Number(to)];

const { subject } = await loadTarget(JSON.parse(target) as TargetRef);
let world = 0;
for await (const _ of runEach(subject, specs(), { hangMs: 60_000 })) {
  world++;
  const isRead = marks.some((mark) => world > mark - WINDOW && world <= mark);
  if (isRead && world % READ_EVERY === 0) await tell();
}
process.disconnect();

function* specs(): Generator<RunSpec> {
  for (let seed = 1; seed <= Number(to); seed++) yield { seed: String(seed), strategy: 'random' };
}

function tell(): Promise<void> {
  global.gc!();
  const { rss, heapUsed } = process.memoryUsage();
  const reading: MemoryReading = { world, residentBytes: rss, heapBytes: heapUsed };
  return new Promise((resolve) => {
    process.send!(reading, () => resolve());
  });
}
