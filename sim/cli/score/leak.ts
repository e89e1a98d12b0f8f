/**
 * What one process keeps of the worlds it has run. Resident memory is read after a full collection,
 * so that what is left is what something still holds, and several times before each mark, since
 * pages come and go by tens of megabytes with what V8 keeps in reserve.
 */
import { fork } from 'node:child_process';
import type { TargetRef } from '../../campaign/targets.ts';
import { median } from '../measure.ts';

export interface LeakOptions {
  readonly target: TargetRef;
  /** Worlds after which memory is compared with that at the end. */
  readonly from: number;
  readonly to: number;
  /** Real ms after which the process is ended. */
  readonly budgetMs: number;
}

/** What the child sends: its memory before the world of this number. */
export interface MemoryReading {
  readonly world: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

export interface Growth {
  readonly residentPercent: number;
  readonly heapPercent: number;
  readonly heapBytes: number;
}

/** Worlds before a mark in which memory is read, and worlds between two readings. */
export const WINDOW = 100;
export const READ_EVERY = 10;

/** The growth between the marks, or the world that was reached when time was up. */
export async function leak(options: LeakOptions): Promise<Growth | { readonly reached: number }> {
  const readings = await readingsOf(options);
  const { from, to } = options;
  const reached = readings.at(-1)?.world ?? 0;
  if (reached < to) return { reached };
  const before = (mark: number, of: 'residentBytes' | 'heapBytes'): number =>
    median(
      readings
        .filter(({ world }) => world > mark - WINDOW && world <= mark)
        .map((reading) => reading[of]),
    );
  const percent = (of: 'residentBytes' | 'heapBytes'): number =>
    (before(to, of) / before(from, of) - 1) * 100;
  return {
    residentPercent: percent('residentBytes'),
    heapPercent: percent('heapBytes'),
    heapBytes: before(to, 'heapBytes') - before(from, 'heapBytes'),
  };
}

function readingsOf({ target, from, to, budgetMs }: LeakOptions): Promise<MemoryReading[]> {
  const readings: MemoryReading[] = [];
  const child = fork(
    new URL('./leak-worlds.js', import.meta.url),
    [JSON.stringify(target), String(from), String(to)],
    // The flags of a campaign's workers, and the collector within reach.
    { execArgv: ['--expose-gc', '--max-semi-space-size=32'], timeout: Math.ceil(budgetMs) },
  );
  return new Promise((resolve, reject) => {
    child.on('message', (reading) => readings.push(reading as MemoryReading));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0 || signal === 'SIGTERM') resolve(readings);
      else reject(new Error(`the process that runs the worlds ended with ${code ?? signal}`));
    });
  });
}
