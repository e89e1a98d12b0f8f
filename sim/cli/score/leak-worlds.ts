/** A process that runs the worlds of one target, seed after seed, and tells how much memory it has. */
import { loadTarget, type TargetRef } from '../../campaign/targets.ts';
import { runEach } from '../../explore/runner.ts';
import type { RunSpec } from '../../explore/subject.ts';
import { type MemoryReading, READ_EVERY, WINDOW } from './leak.ts';

const [target, from, to] = process.argv.slice(2) as [string, string, string];

const { subject } = await loadTarget(JSON.parse(target) as TargetRef);
let world = 0;
for (const until of readAt()) {
  // A line of its own: within one, many worlds may have run before its first result is seen.
  for await (const _ of runEach(subject, worldsUntil(until), { hangMs: 60_000 })) world++;
  await tell();
}
process.disconnect();

function* readAt(): Generator<number> {
  for (const mark of [Number(from), Number(to)]) {
    for (let at = mark - WINDOW + READ_EVERY; at <= mark; at += READ_EVERY) yield at;
  }
}

function* worldsUntil(last: number): Generator<RunSpec> {
  for (let seed = world + 1; seed <= last; seed++) yield { seed: String(seed), strategy: 'random' };
}

function tell(): Promise<void> {
  global.gc!();
  const { rss, heapUsed } = process.memoryUsage();
  const reading: MemoryReading = { world, residentBytes: rss, heapBytes: heapUsed };
  return new Promise((resolve) => {
    process.send!(reading, () => resolve());
  });
}
