/**
 * The bug base, `.groundhog/bugs/*.bug.json`: one file for each signature, with the story or recorded
 * run that shows it, when it was first and last seen, and how that ended when it was last run again.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { FOLDER, nameOfBug, writeWhole } from './saved.ts';
import { packageVersion } from './version.ts';

/**
 * - `fails`: as it did
 * - `passes`
 * - `fails otherwise`: in another way
 * - `unclear`: it had no end, or could not be run at all
 */
const BUG_STATES = ['fails', 'passes', 'fails otherwise', 'unclear'] as const;
export type BugState = (typeof BUG_STATES)[number];

interface Bug {
  readonly scenario: string;
  readonly signature: string;
  /** The story or recorded run, from the folder of this file on, with `/`. */
  readonly story: string;
  /** Version of the package that saw it last. */
  readonly groundhog: string;
  /** Times as ISO 8601 has them. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly timesSeen: number;
  readonly state: BugState;
  /** When the state was found. */
  readonly checked: string;
}

/** A bug and its file. */
export interface KeptBug {
  /** Absolute. */
  readonly file: string;
  readonly bug: Bug;
}

/** A file of the bug base that cannot be read as one. */
class BugError extends Error {
  override readonly name = 'BugError';
  readonly isUserError = true;
}

const FORMAT = 'groundhog-bug';
const VERSION = 1;
const SUFFIX = '.bug.json';

export interface Sighting {
  readonly scenario: string;
  readonly signature: string;
  /** The story or recorded run, absolute. */
  readonly story: string;
  readonly at: Date;
}

/** Enters a failure, or that one was seen again. @throws BugError */
export function noteBug({ scenario, signature, story, at }: Sighting): void {
  const file = join(resolve(FOLDER), 'bugs', `${nameOfBug(scenario, signature)}${SUFFIX}`);
  const known = existsSync(file) ? read(file) : undefined;
  const seen = at.toISOString();
  write({
    file,
    bug: {
      scenario,
      signature,
      story: relative(dirname(file), story).split(sep).join('/'),
      groundhog: packageVersion(),
      firstSeen: known?.firstSeen ?? seen,
      lastSeen: seen,
      timesSeen: (known?.timesSeen ?? 0) + 1,
      state: 'fails',
      checked: seen,
    },
  });
}

/** Keeps how its story ended now. */
export function noteState({ file, bug }: KeptBug, state: BugState, at: Date): KeptBug {
  const kept = { file, bug: { ...bug, state, checked: at.toISOString() } };
  write(kept);
  return kept;
}

/** All bugs kept below the current folder, by file. @throws BugError */
export function keptBugs(): KeptBug[] {
  const folder = join(resolve(FOLDER), 'bugs');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  return files.sort().map((name) => ({ file: join(folder, name), bug: read(join(folder, name)) }));
}

/** The file that shows it, absolute. */
export function storyOfBug({ file, bug }: KeptBug): string {
  return resolve(dirname(file), bug.story);
}

function write({ file, bug }: KeptBug): void {
  writeWhole(file, `${JSON.stringify({ format: FORMAT, version: VERSION, ...bug }, null, 2)}\n`);
}

const TEXTS = ['scenario', 'signature', 'story', 'groundhog', 'firstSeen', 'lastSeen', 'checked'];

function read(file: string): Bug {
  const value = parsed(file);
  const { format, version, timesSeen, state, ...rest } = value;
  if (format !== FORMAT) throw wrong(file, 'is not an entry of the bug base');
  if (version !== VERSION) throw wrong(file, 'is of another groundhog');
  const missing = TEXTS.find((key) => typeof rest[key] !== 'string');
  if (missing !== undefined) throw wrong(file, `has no ${missing}`);
  if (!Number.isSafeInteger(timesSeen) || !BUG_STATES.includes(state as BugState)) {
    throw wrong(file, 'has no count or no state that is known');
  }
  return { ...rest, timesSeen, state } as unknown as Bug;
}

function parsed(file: string): { readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value as ReturnType<typeof parsed>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw wrong(file, 'is not JSON');
}

function wrong(file: string, what: string): BugError {
  return new BugError(`${basename(file)} in ${FOLDER}/bugs ${what}: remove it`);
}
