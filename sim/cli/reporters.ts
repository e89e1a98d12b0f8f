/** `--reporter`: which reports of a run are wanted, and where each goes. */
import { accessSync, appendFileSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Explored } from '../../reports/explored.ts';
import { githubAnnotations } from '../../reports/github.ts';
import { junit } from '../../reports/junit.ts';
import { markdown } from '../../reports/markdown.ts';
import { page } from '../../reports/page/page.ts';
import { writeWhole } from '../tell/saved.ts';
import { packageVersion } from '../tell/version.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { UsageError } from './exit.ts';

const REPORTERS = ['junit', 'github', 'markdown'] as const;
type ReporterName = (typeof REPORTERS)[number];

/**
 * Where a report goes: to a file of its own, to the end of one that others write to as well, or to
 * standard error, which like standard output is read by the runner of GitHub Actions, and which
 * leaves the replay command the last line of the output.
 */
type Destination =
  | { readonly to: 'file' | 'end-of-file'; readonly file: string }
  | { readonly to: 'stderr' };

export interface Reporter {
  /** `html` is that of `--report`. */
  readonly name: ReporterName | 'html';
  readonly destination: Destination;
}

/** `junit`, or `junit=FILE`. @throws UsageError */
export function parseReporter(text: string): Reporter {
  const [, written, file] = /^([^=]*)(?:=(.*))?$/s.exec(text)!;
  const name = REPORTERS.find((known) => known === written);
  if (name === undefined) {
    const hint = didYouMean(written!, REPORTERS);
    throw new UsageError(`a reporter is one of ${REPORTERS.join(', ')}, not '${written}'${hint}`);
  }
  if (file === '') throw new UsageError(`the reporter ${name}= lacks its file`);
  const destination = file === undefined ? byDefault(name) : { to: 'file' as const, file };
  return { name, destination };
}

/** `--report FILE`. */
export function htmlReporter(file: string): Reporter {
  return { name: 'html', destination: { to: 'file', file } };
}

function byDefault(name: ReporterName): Destination {
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  switch (name) {
    case 'junit':
      return { to: 'file', file: '.groundhog/junit.xml' };
    case 'github':
      return { to: 'stderr' };
    case 'markdown':
      if (summary) return { to: 'end-of-file', file: summary };
      return { to: 'file', file: '.groundhog/summary.md' };
  }
}

/** Before hours are spent on what cannot be written. @throws UsageError */
export function checkDestinations(reporters: readonly Reporter[]): void {
  const files = new Map<string, Reporter['name']>();
  for (const { name, destination } of reporters) {
    if (destination.to === 'stderr') continue;
    const file = resolve(destination.file);
    const other = files.get(file);
    if (other !== undefined) {
      throw new UsageError(`${destination.file} is to hold two reports, of ${other} and ${name}`);
    }
    files.set(file, name);
    checkWritable(name, destination.file);
  }
}

/** Makes the folder too, but only below the current one: elsewhere its name is likelier a mistake. */
function checkWritable(name: Reporter['name'], file: string): void {
  const folder = dirname(resolve(file));
  try {
    if (isBelow(folder, process.cwd())) mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `there is no folder ${folder}` : message;
    throw new UsageError(`cannot write the report of ${name}: ${why}`);
  }
  throw new UsageError(`cannot write the report of ${name}: ${file} is a folder`);
}

function isBelow(folder: string, above: string): boolean {
  const path = relative(above, folder);
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

export function report(
  reporters: readonly Reporter[],
  explored: readonly Explored[],
  startedAt: Date,
): void {
  for (const { name, destination } of reporters) {
    const text = textOf(name, explored, startedAt);
    if (destination.to === 'stderr') process.stderr.write(text);
    else if (destination.to === 'file') writeWhole(resolve(destination.file), text);
    else appendFileSync(destination.file, text);
  }
}

function textOf(name: Reporter['name'], explored: readonly Explored[], startedAt: Date): string {
  switch (name) {
    case 'junit':
      return junit(explored, { startedAt });
    case 'github': {
      const cwd = process.cwd();
      return githubAnnotations(explored, { cwd, root: process.env['GITHUB_WORKSPACE'] || cwd });
    }
    case 'markdown':
      return markdown(explored);
    case 'html':
      return page(explored, { startedAt, version: packageVersion() });
  }
}
