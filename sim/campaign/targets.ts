/** What a name or a path on the command line stands for. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import type { SeededStrategy } from '../choice/seeded.ts';
import { withReason } from '../explore/loading.ts';
import type { Subject } from '../explore/subject.ts';
import { fileSubject, scenarioSubject } from '../explore/subjects.ts';
import { threadsSubject } from '../explore/threads-subject.ts';
import { LoadError, shortPath } from '../node/loader/load-error.ts';
import { loadModule } from '../node/loader/load-module.ts';
import type { Making } from '../node/loader/sight.ts';
import { programPath } from '../node/program-source.ts';
import { isScenarioFile } from '../scenario/file-name.ts';
import { Scenario } from '../scenario/scenario.ts';
import { isThreadsProgram, type ThreadsProgram } from '../threads/program.ts';
import { didYouMean, hintTo } from '../trace/did-you-mean.ts';
import type { RecordedSubject } from '../trace/story.gen.ts';
import { provided } from './provided.ts';

/** Names one scenario or file; plain data, good in any process on this machine. */
export interface TargetRef {
  readonly kind: 'scenario' | 'file';
  /** Absolute. */
  readonly file: string;
  /** The scenario's name, or the file as it was given. */
  readonly name: string;
  /** A scenario that was asked for by its file, which has no other. */
  readonly byPath?: true;
  /** A program of threads. */
  readonly threads?: true;
}

/** How choices are made where nobody says. */
export function defaultStrategy({ threads }: TargetRef): SeededStrategy {
  return threads === true ? 'portfolio' : 'random';
}

export interface Target {
  readonly ref: TargetRef;
  readonly subject: Subject;
  /** Undefined for a plain file, and for a program of threads. */
  readonly scenario: Scenario | undefined;
}

/** Nothing has this name; the message says what there is. */
class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly isUserError = true;
}

export interface ScenariosFound {
  readonly refs: readonly TargetRef[];
  /** What files threw that could not be read: LoadError, ScenarioError, ScenarioFileError. */
  readonly broken: readonly unknown[];
}

const SCENARIOS = ['**/*.sim.{ts,mts,cts,js,mjs,cjs}', '**/*.scenario.{yaml,yml,json}'];
const PROGRAM = /\.[cm]?[jt]s$/;

/** Scenarios that come with the package. */
const BUILT_IN = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/**
 * The scenario or file of this name or path.
 *
 * @throws TargetError; LoadError, ScenarioError or ScenarioFileError of a file that may have it.
 */
export async function findTarget(name: string, folder: string): Promise<TargetRef> {
  const path = resolve(folder, name);
  if (looksLikePath(name) || existsSync(path)) return fromPath(name, path);
  const here = await filesIn(folder);
  const [found, another] = here.refs.filter((ref) => ref.name === name);
  if (another !== undefined) throw ambiguous(name, found!, another);
  if (found !== undefined) return found;
  const builtIn = await builtInScenarios();
  const known = builtIn.find((ref) => ref.name === name);
  if (known !== undefined) return known;
  const names = new Set([...here.refs, ...builtIn].map((ref) => ref.name));
  const misspelt = didYouMean(name, [...names]) !== '';
  if (here.broken.length > 0 && !misspelt) throw here.broken[0];
  const unread = here.broken.map(
    (error) => `; not read: ${(error as Error).message.split('\n', 1)}`,
  );
  throw new TargetError(
    `no scenario is named '${name}', and there is no such file${hintTo(name, names)}${unread.join('')}`,
  );
}

/**
 * The scenario or file that a recorded run was of.
 *
 * @throws as findTarget
 */
export async function findRecorded(
  { kind, name, file }: RecordedSubject,
  folder: string,
): Promise<TargetRef> {
  if (file === undefined) return findTarget(name, folder);
  const path = resolve(folder, file);
  if (!existsSync(path)) {
    throw new TargetError(
      `it is of ${file}, as seen from the folder where it was recorded, and there is no file ` +
        `${path}: replay it from that folder`,
    );
  }
  if (kind === 'file') return fromPath(file, path);
  const refs = await refsOf(path);
  const found = refs.find((ref) => ref.name === name);
  if (found !== undefined) return refs.length > 1 ? found : { ...found, byPath: true };
  const hint = didYouMean(
    name,
    refs.map((ref) => ref.name),
  );
  throw new TargetError(`${file} no longer has a scenario named '${name}'${hint}`);
}

function ambiguous(name: string, a: TargetRef, b: TargetRef): TargetError {
  const files = `${shortPath(a.file)} and ${shortPath(b.file)}`;
  return new TargetError(`${files} both have a scenario named '${name}'; say which file`);
}

/** All scenarios below a folder, by path; built-in ones are none of them. */
export async function scenariosBelow(folder: string): Promise<ScenariosFound> {
  const { refs, broken } = await filesIn(folder);
  return { refs: refs.filter(({ file }) => !file.startsWith(BUILT_IN)), broken };
}

/** Those that come with the package. */
export async function builtInScenarios(): Promise<readonly TargetRef[]> {
  return (await filesIn(BUILT_IN)).refs;
}

const loaded = new Map<string, Promise<Target>>();

/** Loads a target once a process; for debuggers, `open`. @throws LoadError, ScenarioError */
export function loadTarget(ref: TargetRef, making: Making = 'plain'): Promise<Target> {
  const key = `${making} ${ref.file}#${ref.name}`;
  let target = loaded.get(key);
  if (target === undefined) {
    target = load(ref, making);
    loaded.set(key, target);
  }
  return target;
}

async function load(ref: TargetRef, making: Making): Promise<Target> {
  if (ref.kind === 'file') {
    const subject = fileSubject(ref.name, ref.file, await provided(), making);
    return { ref, scenario: undefined, subject };
  }
  const scenario = (await scenariosOf(ref.file)).find(({ name }) => name === ref.name);
  if (scenario === undefined) {
    throw new TargetError(`${shortPath(ref.file)} no longer has a scenario named '${ref.name}'`);
  }
  if (!(scenario instanceof Scenario)) {
    return { ref, scenario: undefined, subject: threadsSubject(scenario) };
  }
  for (const [role, { program }] of scenario.roles) {
    const missing = missingProgram(program, dirname(scenario.file));
    if (missing !== undefined)
      throw new TargetError(`${shortPath(ref.file)}: role ${role}: ${missing}`);
  }
  const modules = await provided();
  const subject = await withReason(() => scenarioSubject(scenario, modules, making), modules);
  return { ref, scenario, subject };
}

async function fromPath(name: string, path: string): Promise<TargetRef> {
  if (!existsSync(path)) throw new TargetError(`there is no file ${name}`);
  if (statSync(path).isDirectory()) throw new TargetError(`${name} is a folder, not a file`);
  if (definesScenarios(path)) {
    const [first, ...more] = await refsOf(path);
    if (first === undefined) throw new TargetError(`${name} exports no scenario`);
    if (more.length === 0) return { ...first, byPath: true };
    const names = [first, ...more].map((ref) => ref.name).join(', ');
    throw new TargetError(`${name} has several scenarios; name one of them: ${names}`);
  }
  if (!PROGRAM.test(path)) {
    const hint = /\.ya?ml$/.test(path) ? '; a scenario is named NAME.scenario.yaml' : '';
    throw new TargetError(
      `${name} is neither a scenario nor a JavaScript or TypeScript file${hint}`,
    );
  }
  if (isTest(path)) {
    const how = `npx vitest run ${name}`;
    throw new TargetError(`${name} is a test: ${how}, and of one seed GROUNDHOG_SEED=S ${how}`);
  }
  return { kind: 'file', file: path, name: isAbsolute(name) ? shortPath(path) : name };
}

function looksLikePath(name: string): boolean {
  return name.includes('/') || name.includes('\\') || PROGRAM.test(name) || isScenarioFile(name);
}

function definesScenarios(path: string): boolean {
  return isScenarioFile(path) || /\.sim\.[cm]?[jt]s$/.test(basename(path));
}

/** By its name, and because it imports vitest, which runs nowhere else. */
function isTest(path: string): boolean {
  if (!/\.(test|spec)\.[cm]?[jt]s$/.test(path)) return false;
  return /['"](groundhog\/)?vitest['"]/.test(readFileSync(path, 'utf8'));
}

async function filesIn(folder: string): Promise<ScenariosFound> {
  const files = await glob(SCENARIOS, {
    cwd: folder,
    absolute: true,
    ignore: ['**/node_modules/**', '**/dist/**', '**/.*/**'],
  });
  const read = await Promise.allSettled(files.sort().map(refsOf));
  return {
    refs: read.flatMap((file) => (file.status === 'fulfilled' ? file.value : [])),
    broken: read.flatMap((file) => (file.status === 'rejected' ? [file.reason] : [])),
  };
}

async function refsOf(file: string): Promise<TargetRef[]> {
  return (await scenariosOf(file)).map((one) => ({
    kind: 'scenario',
    file,
    name: one.name,
    ...(isThreadsProgram(one) && { threads: true as const }),
  }));
}

async function scenariosOf(file: string): Promise<(Scenario | ThreadsProgram<unknown>)[]> {
  if (isScenarioFile(file)) {
    const source = { file: shortPath(file), text: readFileSync(file, 'utf8') };
    // With it come the readers of YAML and of schemas, which take longer to load than most runs do.
    const { readScenario } = await import('../scenario/file.ts');
    return [readScenario(source, file, (program) => missingProgram(program, dirname(file)))];
  }
  const exported = await loadModule(file, { provided: await provided() });
  return [...new Set<unknown>(Object.values(exported))].filter(
    (value) => value instanceof Scenario || isThreadsProgram(value),
  );
}

/** Says that there is no such file, and which may be meant; nothing when there is one. */
function missingProgram(program: string, folder: string): string | undefined {
  try {
    programPath(program, folder);
    return undefined;
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const [path] = program.split('#', 1);
    const around = dirname(path!);
    const beside = existsSync(resolve(folder, around)) ? readdirSync(resolve(folder, around)) : [];
    const paths = beside.filter((name) => PROGRAM.test(name)).map((name) => `${around}/${name}`);
    return `there is no file ${path}${didYouMean(path!, paths)}`;
  }
}
