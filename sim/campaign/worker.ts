/** What a worker process of a campaign does: keeps the subject loaded, runs chunk after chunk. */
import type { Subject } from '../explore/subject.ts';
import { type Chunk, type ChunkRun, type RunSettings, runChunk } from './chunk.ts';
import { loadTarget, type TargetRef } from './targets.ts';

export interface WorkerTask {
  readonly target: TargetRef;
  readonly chunk: Chunk;
  readonly settings: RunSettings;
}

// Ctrl-C reaches the whole group; the parent ends the campaign, and this process with it.
process.on('SIGINT', () => {});

const subjects = new Map<string, Promise<Subject>>();

export default function work({ target, chunk, settings }: WorkerTask): Promise<ChunkRun> {
  const key = JSON.stringify(target);
  let subject = subjects.get(key);
  if (subject === undefined) {
    subject = loadTarget(target).then((loaded) => loaded.subject);
    subjects.set(key, subject);
  }
  return subject.then((loaded) => runChunk(loaded, chunk, settings));
}
