/** What a worker process of a campaign does: keeps the subject loaded, runs one part after another. */

import { departing } from '../explore/campaigns.ts';
import { type Chunk, type ChunkRun, type RunSettings, runChunk } from './chunk.ts';
import { type SentWays, sentWays } from './sent.ts';
import type { Searched } from './spread.ts';
import { loadTarget, type TargetRef } from './targets.ts';
import { type Path, runWays, type WaysSettings } from './ways.ts';

/** Seeds in a row. */
export interface WorkerTask {
  readonly target: TargetRef;
  readonly chunk: Chunk;
  readonly settings: RunSettings;
}

/** Runs of a search. */
export interface WaysTask {
  readonly target: TargetRef;
  readonly paths: readonly Path[];
  readonly search: Searched;
  readonly settings: WaysSettings;
  readonly forMs: number;
}

// Ctrl-C reaches the whole group; the parent ends the campaign, and this process with it.
process.on('SIGINT', () => {});

export default async function work(task: WorkerTask | WaysTask): Promise<ChunkRun | SentWays> {
  const { subject } = await loadTarget(task.target);
  if ('chunk' in task) return runChunk(subject, task.chunk, task.settings);
  const { paths, search, settings, forMs } = task;
  return sentWays(await runWays(subject, paths, departing(search), settings, forMs));
}
