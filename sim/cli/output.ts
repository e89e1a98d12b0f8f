/** The JSON objects that scripts rely on. */
import type { Fit } from '../choice/replay.ts';
import { shortPath } from '../node/loader/load-error.ts';
import type { Kept } from '../tell/kept.ts';
import type { Other } from '../tell/others.ts';
import type { RunResult, RunVerdict } from '../trace/run.ts';
import type { CoverageJson } from './covered.ts';

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
  /** Why the bug base does not have it, though there is a story. */
  readonly unlisted?: string;
}

/** Another failure that was met while one was made small, in `--json`. */
interface OtherJson {
  readonly signature: string;
  /** The file of its recorded run, seen from here; null when none was kept. */
  readonly recorded: string | null;
  /** Why the bug base does not have it, though there is a recorded run. */
  readonly unlisted?: string;
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
  /** What the runs met, and how likely another one shows something new; of `run`. */
  readonly coverage?: CoverageJson;
  /** Mistakes in handlers of requests that every seed saw. */
  readonly everySeed?: readonly string[];
  /** Other failures that were met while the first was made small. */
  readonly others?: readonly OtherJson[];
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
    ...unlistedIn(story),
  };
}

export function othersJson(others: readonly Other[]): OtherJson[] {
  return others.map(({ signature, kept }) => ({
    signature,
    recorded: fileOf(kept),
    ...unlistedIn(kept),
  }));
}

function unlistedIn(kept: Kept | undefined): { readonly unlisted?: string } {
  if (kept?.is !== 'kept' || kept.unlisted === undefined) return {};
  return { unlisted: kept.unlisted };
}

function fileOf(kept: Kept | undefined): string | null {
  return kept?.is === 'kept' ? shortPath(kept.file) : null;
}
