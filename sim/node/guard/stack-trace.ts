/**
 * Stack traces of a world: the program's own frames, at the lines that the user wrote.
 *
 * Positions of files that we compiled are mapped here and not by Node.js, which would do so for the
 * whole process and read files for it. Frames of the harness, and those below the program's last
 * one, say nothing about the program and differ between the command line and a test runner; they
 * are left out. Paths are from the current folder, so that a stack that is logged is the same
 * wherever the project lies.
 */
import { fileURLToPath } from 'node:url';
import { outsideWorld } from '../../sched/inside-world.ts';
import { shortPath } from '../loader/load-error.ts';
import { isLoaded, originalPlace, type PositionMap, placeInFile } from '../loader/source-map.ts';

type Prepare = (error: Error, frames: NodeJS.CallSite[]) => unknown;

/** The folder of the harness, as sources or built. */
const HARNESS = fileURLToPath(new URL('../../', import.meta.url));
/** Runs each step. */
const KERNEL = `${HARNESS}sched/kernel.`;
/** In it, and yet code under test. */
const TESTS = /\.test\.[jt]s$|\/fixtures\/|-mistakes\.[jt]s$/;

/** V8 names a function without a name after what is assigned near it, as what the loader has written. */
const OURS = /^(async )?\$[G-Z]\.(?:at|f) \((.*)\)$/s;

/** What the loader calls a default export that has no name, where V8 does not look at its property. */
const DEFAULT = /^\$[G-Z]d$/;

/** As Node.js shows. */
const SHOWN_MAX = 10;

/**
 * Frames that an error takes in a world, in place of the usual 10: those of the harness stand between
 * the program's own and those of async functions that await it.
 */
export const TAKEN_MAX = 50;

/** A `prepareStackTrace` for worlds; `foreign` formats frames that are not known here. */
export function preparesStack(foreign: () => Prepare | undefined): Prepare {
  return (error, frames) => {
    const kept = withoutHarness(frames);
    const last = kept.findLastIndex((frame) => !isNode(frame));
    const shown = last < 0 ? kept : kept.slice(0, last + 1);
    const lines = shown.slice(0, SHOWN_MAX).map((frame) => `\n    at ${inWords(frame, foreign())}`);
    return `${headline(error)}${lines.join('')}`;
  };
}

/** Shows stacks as worlds do, in the real world, until `work` is done. */
export async function withUserStacks<Result>(work: () => Promise<Result>): Promise<Result> {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = preparesStack(() => prepareStackTrace);
  try {
    return await work();
  } finally {
    Error.prepareStackTrace = prepareStackTrace as Prepare;
  }
}

/** What is shown of a stack: the innermost ones. */
export const FRAMES_MAX = 6;

/** The program's innermost frames now, at most so many: `buy (shop.ts:15:21)`. */
export function programFrames(framesMax: number): readonly string[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const places: string[] = [];
  Error.prepareStackTrace = (_, frames) => {
    for (const frame of withoutHarness(frames)) {
      if (places.length === framesMax) return;
      if (isNode(frame)) continue;
      const file = fileOf(frame)!;
      const words = inWords(frame, prepareStackTrace as Prepare | undefined);
      places.push(words.replace(file, shortPath(file)));
    }
  };
  Error.stackTraceLimit = TAKEN_MAX;
  const { stack: _ } = new Error();
  Error.prepareStackTrace = prepareStackTrace as Prepare;
  Error.stackTraceLimit = stackTraceLimit;
  return places;
}

/** Without the harness, what calls it, and what of Node.js's it calls to call the program. */
function withoutHarness(frames: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] {
  const kernel = frames.findLastIndex((frame) => fileOf(frame)?.startsWith(KERNEL));
  const kept: NodeJS.CallSite[] = [];
  let byHarness = false;
  for (let i = frames.length - 1; i >= 0; i--) {
    const frame = frames[i]!;
    // Below the kernel stands the command line or a test runner; async frames are the step's own.
    if (kernel >= 0 && i > kernel && !frame.isAsync()) continue;
    const file = fileOf(frame);
    if (file !== undefined && isHarness(file)) byHarness = true;
    else if (!isNode(frame)) byHarness = false;
    if (!byHarness && !isHidden(frame)) kept.push(frame);
  }
  return kept.reverse();
}

/** A place that an inspector tells of. */
export interface InspectedPlace {
  /** Empty for code outside of all functions. */
  readonly functionName: string;
  /** Path or `file:` URL, as V8 has it. */
  readonly url: string;
  readonly line: number;
  /** Left out where only the line is known. */
  readonly column?: number;
}

/**
 * `buy (shop.ts:15:21)`, where the user wrote it, or `buy (shop.ts:15)`; undefined for what is not the
 * program's. `map` is that of a script that somebody else has compiled, where it has one.
 */
export function programPosition(
  { functionName, url, line, column }: InspectedPlace,
  map: () => PositionMap | undefined,
): string | undefined {
  const file = programFile(url);
  if (file === undefined) return undefined;
  // The end of a line: nothing before its first column that is mapped belongs to it.
  const at = { file, line, column: column ?? LINE_END };
  const place = isLoaded(file) ? placeInFile(at) : originalPlace(map(), at);
  const words = `${shortPath(file)}:${place.line}${column === undefined ? '' : `:${place.column}`}`;
  const name = functionName.replace(DEFAULT, 'default');
  return name === '' ? words : `${name} (${words})`;
}

const LINE_END = 100_000;

function programFile(url: string): string | undefined {
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  return file === '' || file.startsWith('node:') || isHiddenFile(file) ? undefined : file;
}

function headline(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return '<error>';
  }
}

function fileOf(frame: NodeJS.CallSite): string | undefined {
  const name = frame.getFileName();
  return name?.startsWith('file:') ? fileURLToPath(name) : (name ?? undefined);
}

function isNode(frame: NodeJS.CallSite): boolean {
  const file = fileOf(frame);
  return file === undefined || file.startsWith('node:');
}

function isHidden(frame: NodeJS.CallSite): boolean {
  const file = fileOf(frame);
  return file !== undefined && isHiddenFile(file);
}

function isHiddenFile(file: string): boolean {
  return file.startsWith('node:internal/') || isHarness(file);
}

/** A file of ours, and not one of a program. */
function isHarness(file: string): boolean {
  if (file.startsWith('groundhog:')) return true;
  return file.startsWith(HARNESS) && !TESTS.test(file) && !isProgram(file);
}

/** Whether a program has loaded the file, even though it is one of ours. */
function isProgram(file: string): boolean {
  return isLoaded(file) && !file.startsWith(`${HARNESS}node/inside/`);
}

function inWords(frame: NodeJS.CallSite, foreign: Prepare | undefined): string {
  const name = frame.getFileName();
  const file = fileOf(frame);
  const text = frame.toString().replace(OURS, '$1$2');
  if (name == null || file === undefined) return text;
  const written = `${name}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
  // Lines of Node.js's own files differ between its versions.
  if (file.startsWith('node:')) return text.replace(written, file);
  if (!isLoaded(file)) return foreign === undefined ? text : formatted(frame, foreign);
  const line = frame.getLineNumber() ?? 1;
  const place = placeInFile({ file, line, column: frame.getColumnNumber() ?? 1 });
  return text.replace(written, `${shortPath(file)}:${place.line}:${place.column}`);
}

/** One frame as somebody else's `prepareStackTrace` shows it. */
function formatted(frame: NodeJS.CallSite, by: Prepare): string {
  const stack = String(outsideWorld(() => by(new Error(), [frame])));
  const line = stack.slice(stack.lastIndexOf('\n') + 1);
  return line.replace(/^\s*at /, '');
}
