/** What a worker process of a campaign does: keeps the subject loaded, runs chunk after chunk. */
import { type Chunk, type ChunkRun, type RunSettings, runChunk } from './chunk.ts';
import { loadTarget, type TargetRef } from './targets.ts';

export interface WorkerTask {
  readonly target: TargetRef;
  readonly chunk: Chunk;
  readonly settings: RunSettings;
}

// Ctrl-C reaches the whole group; the parent ends the campaign, and this process with it.
process.on('SIGINT', () => {});

export default async function work({ target, chunk, settings }: WorkerTask): Promise<ChunkRun> {
  const { subject } = await loadTarget(target);
  return runChunk(subject, chunk, settings);
}
