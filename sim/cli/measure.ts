/** Times synchronous work with tinybench, from a macrotask, with drains guarded as in every run. */
import { GCProfiler, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { Bench } from 'tinybench';
import { guarded } from '../node/guard/guarded.ts';
import { inMacrotask } from '../sched/macrotask.ts';

/** Work that is timed: called again and again, each call the same. Returns how much it did. */
export interface Work {
  readonly name: string;
  run(): number;
}

const ROUNDS = 5;

/**
 * Units a second of each work, the median of several rounds; the works take turns within each
 * round, so that what the machine does meanwhile meets all of them.
 */
export async function ratesOf(
  works: readonly Work[],
  rounds: number = ROUNDS,
): Promise<Map<string, number>> {
  const samples = new Map<string, number[]>(works.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const work of works) {
      const rate = await rateOnce(work);
      // The first round warms up.
      if (round > 0) samples.get(work.name)!.push(rate);
    }
  }
  return new Map([...samples].map(([name, rates]) => [name, median(rates)]));
}

function rateOnce(work: Work): Promise<number> {
  return inMacrotask(() => {
    let units = 0;
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
    bench.add(work.name, () => {
      units = work.run();
    });
    guarded(() => bench.runSync());
    const { result } = bench.tasks[0]!;
    if (result.state !== 'completed') throw new Error(`${work.name} ${result.state}`);
    return units / (result.totalTime / 1000);
  });
}

/**
 * Bytes that the work allocates, heap and array buffers, whether they are collected meanwhile or
 * not; the least of some calls, for the first ones also compile it.
 */
export function allocatedBytes(run: () => void): number {
  setFlagsFromString('--no-concurrent-array-buffer-sweeping');
  return Math.min(...Array.from({ length: 4 }, () => allocatedOnce(run)));
}

function allocatedOnce(run: () => void): number {
  const profiler = new GCProfiler();
  profiler.start();
  const before = getHeapStatistics();
  run();
  const after = getHeapStatistics();
  let bytes = after.used_heap_size - before.used_heap_size;
  bytes += after.external_memory - before.external_memory;
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    bytes += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
    bytes += beforeGC.heapStatistics.externalMemory - afterGC.heapStatistics.externalMemory;
  }
  return bytes;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
