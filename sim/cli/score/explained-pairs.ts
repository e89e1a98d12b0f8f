/** Whether the pair that an explanation names touches the mistake: of failures whose mistake is known. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTarget, loadTarget } from '../../campaign/targets.ts';
import { type Cause, explain } from '../../explain/explain.ts';
import type { Subject } from '../../explore/subject.ts';
import { shrink } from '../../shrink/shrink.ts';
import { firstFailure } from './first-failure.ts';
import { THREAD_MISTAKES } from './thread-mistakes.ts';

interface KnownMistake {
  readonly name: string;
  load(): Promise<Subject>;
  isMistake(place: Place): boolean;
}

interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** One failure, explained. */
export interface ExplainedPair {
  readonly name: string;
  readonly touches: boolean;
  /** The innermost frames of the two steps; what happened instead where there is no pair. */
  readonly named: string;
}

const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));
const SHRINK = { attemptsMax: 3_000, forMs: 60_000 };
const BOUNDS = { runsMax: 1_500, forMs: 60_000 };

/** Lines that are marked in the file itself. */
const MARK = 'the mistake';

/** Of others' files: the lines that take part in the mistake. */
const LINES: readonly (readonly [file: string, mistake: string, lines: readonly number[]])[] = [
  // What is called wrongly shows is a lock that is free.
  ['scenarios/npm/async-mutex-0.3.2.mjs', 'async-mutex-0.3.2.mjs', [11, 16]],
  // Between acquire and release.
  ['scenarios/npm/mutex-release.mjs', 'mutex-release.mjs', [10, 11, 12]],
  ['scenarios/npm/two-caches.mjs', 'two-caches.mjs', [10]],
  ['scenarios/npm/circuit-breaker.mjs', 'circuit-breaker.mjs', [10, 19]],
  // The write-back that is left out, and the token that is not compared.
  ['register-no-write-back', 'quorum.ts', [50]],
  ['bank-no-fencing', 'vault.ts', [35]],
];

export const KNOWN_MISTAKES: readonly KnownMistake[] = [
  ...THREAD_MISTAKES.map((subject) => ({
    name: subject.name,
    load: () => Promise.resolve(subject),
    isMistake: isMarked,
  })),
  ...['double-booking.mjs', 'stale-cache.mjs'].map((file) => ({
    name: file,
    load: () => load(`sim/cli/score/fixtures/${file}`),
    isMistake: isMarked,
  })),
  ...LINES.map(([name, mistake, lines]) => ({
    name: basename(name),
    load: () => load(name),
    isMistake: ({ file, line }: Place) => basename(file) === mistake && lines.includes(line),
  })),
];

export async function explainedPair({
  name,
  load,
  isMistake,
}: KnownMistake): Promise<ExplainedPair> {
  const subject = await load();
  const { spec, ...failing } = await firstFailure(subject);
  const { record, plan } = await shrink(subject, { ...failing, spec }, SHRINK);
  const { signature } = failing.result.failure!;
  const story = { spec: { ...spec, plan }, record, signature, timeline: [] };
  const cause = (await explain(subject, story, BOUNDS))?.cause;
  const stacks = stacksOf(cause);
  const touches = stacks.flat().some((frame) => {
    const place = placeOf(frame);
    return place !== undefined && isMistake(place);
  });
  return { name, touches, named: stacks.map(([frame]) => frame ?? 'nowhere').join(', ') };
}

function load(name: string): Promise<Subject> {
  return findTarget(name, CHECKOUT).then(async (ref) => (await loadTarget(ref)).subject);
}

function stacksOf(cause: Cause | undefined): readonly (readonly string[])[] {
  if (cause === undefined) return [];
  if (cause.is === 'outcome') return [cause.decidedAt];
  return [cause.first, cause.second].map(({ madeAt, ranAt }) => [...madeAt, ...ranAt]);
}

/** Of a frame as stacks have it: `buy (shop.mjs:7:9)`. */
function placeOf(frame: string): Place | undefined {
  const found = /([^\s()]+):(\d+):\d+\)?$/.exec(frame);
  if (found === null) return undefined;
  const [, name, line] = found;
  const file = name!.startsWith('file:') ? fileURLToPath(name!) : resolve(name!);
  return { file, line: Number(line) };
}

function isMarked({ file, line }: Place): boolean {
  return readFileSync(file, 'utf8').split('\n')[line - 1]?.includes(MARK) === true;
}
