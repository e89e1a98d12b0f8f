/** The JSON objects that scripts rely on. */
import type { Fit } from '../choice/replay.ts';
import type { Kept } from '../tell/saved.ts';
import type { RunResult, RunVerdict } from '../trace/run.ts';

/** One failure in `--json`. */
export interface FailureJson {
  readonly seed: string;
  readonly verdict: RunVerdict;
  readonly property: string | null;
  readonly message: string;
  readonly signature: string | null;
  readonly digest: string;
  readonly steps: number;
  readonly virtualMs: number;
  readonly replay: string;
  /** The file of its smallest story; null when none was kept. */
  readonly story: string | null;
  /** The file of the recorded run; null when none was kept. */
  readonly run: string | null;
}

/** What was to be kept of a failure. */
interface KeptFiles {
  readonly story?: Kept | undefined;
  readonly run?: Kept | undefined;
}

/** One scenario or file in `--json`. */
export interface RunJson {
  readonly scenario: string;
  /** As they were asked for: `1..500`, or one seed. */
  readonly seeds: string;
  readonly runs: number;
  readonly verdict: RunVerdict;
  readonly failures: readonly FailureJson[];
  readonly steps: number;
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly digest: string;
  /** When decisions were replayed from a file: how many of them found their place, of all. */
  readonly fit?: Fit;
  /** The command was interrupted meanwhile: seeds, or whole scenarios after this one, are missing. */
  readonly interrupted?: true;
}

export function failureJson(
  result: RunResult,
  replay: string,
  { story, run }: KeptFiles = {},
): FailureJson {
  const { seed, verdict, failure, reason, digest, steps, virtualMs } = result;
  return {
    seed,
    verdict,
    property: failure?.property ?? null,
    message: failure?.message ?? reason ?? '',
    signature: failure?.signature ?? null,
    digest,
    steps,
    virtualMs,
    replay,
    story: fileOf(story),
    run: fileOf(run),
  };
}

function fileOf(kept: Kept | undefined): string | null {
  return kept?.is === 'kept' ? kept.file : null;
}
