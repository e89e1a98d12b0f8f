/** How the run that recorded decisions make now differs from the one that was recorded. */
import type { Fit } from '../choice/replay.ts';
import { firstDifferentChunk } from '../explore/parting.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { CHUNK_STEPS } from '../sched/digest.ts';
import type { FullRecord } from '../trace/full-record.ts';
import { boundedLine } from '../trace/told.ts';
import { partedInWords } from './parted-steps.ts';
import { count } from './words.ts';

/** What a file says of its run. */
export interface Was {
  /** Of the package that wrote it. */
  readonly version: string;
  /** Undefined when it did not fail by a violation. */
  readonly failure:
    | { readonly signature: string; readonly property: string; readonly message: string }
    | undefined;
  /** Undefined for stories: what they hold is not the whole run. */
  readonly whole:
    | {
        readonly digest: string;
        readonly chunks: Int32Array;
        /** Of one that was recorded in full. */
        readonly full: FullRecord | undefined;
      }
    | undefined;
}

/** Sentences; none when all is as it was. */
export function sinceRecorded(
  was: Was,
  run: Pick<FinishedRun, 'result' | 'chunks' | 'full'>,
  fit: Fit,
): string[] {
  const { failure, digest, steps } = run.result;
  const told: string[] = [];
  if (was.failure !== undefined && was.failure.signature !== failure?.signature) {
    const how = failure === undefined ? 'it no longer fails' : 'it fails otherwise';
    told.push(`${how}; recorded was: ${was.failure.property}: ${boundedLine(was.failure.message)}`);
  }
  const { full, digest: before } = was.whole ?? {};
  const differs = before !== undefined && before !== digest;
  if (differs && full !== undefined && run.full !== undefined) {
    told.push(...partedInWords(full, run.full));
  } else if (differs) {
    const chunk = firstDifferentChunk(was.whole!.chunks, run.chunks);
    const to = Math.min((chunk + 1) * CHUNK_STEPS, steps);
    told.push(
      `it leaves the recorded run within steps ${count(chunk * CHUNK_STEPS + 1)} to ${count(to)}`,
    );
  }
  const { used, total } = fit;
  if (used < total) {
    told.push(
      `${count(used)} of the ${count(total)} recorded decisions fit: ` +
        `the code has changed since (recorded with groundhog ${was.version})`,
    );
  }
  return told;
}
