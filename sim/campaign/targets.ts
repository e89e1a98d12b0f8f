/** What a name or a path on the command line stands for. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import type { Subject } from '../explore/subject.ts';
import { fileSubject, scenarioSubject } from '../explore/subjects.ts';
import { loadModule } from '../node/loader/load-module.ts';
import { Scenario } from '../scenario/scenario.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { provided } from './provided.ts';

/** Names one scenario or file; plain data, good in any process on this machine. */
export interface TargetRef {
  readonly kind: 'scenario' | 'file';
  /** Absolute. */
  readonly file: string;
  /** The scenario's name, or the file as it was given. */
  readonly name: string;
}

export interface Target {
  readonly ref: TargetRef;
  readonly subject: Subject;
  /** Undefined for a plain file. */
  readonly scenario: Scenario | undefined;
}

/** Nothing has this name; the message says what there is. */
class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly isUserError = true;
}

const SCENARIO_MODULES = ['**/*.sim.{ts,mts,cts,js,mjs,cjs}'];
const SCENARIO_FILES = ['**/*.scenario.{yaml,yml,json}'];
const PROGRAM = /\.[cm]?[jt]s$/;

/** Scenarios that come with the package. */
const BUILT_IN = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** The scenario or file of this name or path. @throws TargetError, LoadError, ScenarioError */
export async function findTarget(name: string, folder: string): Promise<TargetRef> {
  const path = resolve(folder, name);
  if (looksLikePath(name) || existsSync(path)) return fromPath(name, path);
  const here = await scenariosBelow(folder);
  const builtIn = await scenariosIn(BUILT_IN);
  const found = [...here, ...builtIn].find((ref) => ref.name === name);
  if (found !== undefined) return found;
  const names = new Set([...here, ...builtIn].map((ref) => ref.name));
  const hint = didYouMean(name, names) || `; there are: ${[...names].join(', ')}`;
  throw new TargetError(`no scenario is named '${name}', and there is no such file${hint}`);
}

/** All scenarios below a folder, by path. */
export async function scenariosBelow(folder: string): Promise<TargetRef[]> {
  return (await scenariosIn(folder)).filter(({ file }) => !file.startsWith(BUILT_IN));
}

/** Those that come with the package. */
export function builtInScenarios(): Promise<TargetRef[]> {
  return scenariosIn(BUILT_IN);
}

const loaded = new Map<string, Promise<Target>>();

/** Loads a target once a process. @throws LoadError, ScenarioError */
export function loadTarget(ref: TargetRef): Promise<Target> {
  const key = `${ref.file}#${ref.name}`;
  let target = loaded.get(key);
  if (target === undefined) {
    target = load(ref);
    loaded.set(key, target);
  }
  return target;
}

async function load(ref: TargetRef): Promise<Target> {
  if (ref.kind === 'file') {
    return { ref, scenario: undefined, subject: fileSubject(ref.name, ref.file, await provided()) };
  }
  const scenario = (await scenariosOf(ref.file)).find(({ name }) => name === ref.name);
  if (scenario === undefined) {
    throw new TargetError(`${shown(ref.file)} no longer has a scenario named '${ref.name}'`);
  }
  return { ref, scenario, subject: scenarioSubject(scenario, await provided()) };
}

async function fromPath(name: string, path: string): Promise<TargetRef> {
  if (!existsSync(path)) throw new TargetError(`there is no file ${name}`);
  if (statSync(path).isDirectory()) throw new TargetError(`${name} is a folder, not a file`);
  if (isScenarioFile(path)) {
    const [first, ...more] = await refsOf(path);
    if (first === undefined) throw new TargetError(`${name} exports no scenario`);
    if (more.length === 0) return first;
    const names = [first, ...more].map((ref) => ref.name).join(', ');
    throw new TargetError(`${name} has several scenarios; name one of them: ${names}`);
  }
  if (!PROGRAM.test(path)) {
    throw new TargetError(`${name} is neither a scenario nor a JavaScript or TypeScript file`);
  }
  return { kind: 'file', file: path, name: isAbsolute(name) ? shown(path) : name };
}

function looksLikePath(name: string): boolean {
  return name.includes('/') || name.includes('\\') || PROGRAM.test(name) || isScenarioFile(name);
}

function isScenarioFile(path: string): boolean {
  return /\.(sim\.[cm]?[jt]s|scenario\.(ya?ml|json))$/.test(basename(path));
}

async function scenariosIn(folder: string): Promise<TargetRef[]> {
  const files = await glob([...SCENARIO_MODULES, ...SCENARIO_FILES], {
    cwd: folder,
    absolute: true,
    ignore: ['**/node_modules/**', '**/dist/**', '**/.*/**'],
  });
  const refs = await Promise.all(files.sort().map(refsOf));
  return refs.flat();
}

async function refsOf(file: string): Promise<TargetRef[]> {
  return (await scenariosOf(file)).map(({ name }) => ({ kind: 'scenario', file, name }));
}

async function scenariosOf(file: string): Promise<Scenario[]> {
  const exported = await loadModule(file, { provided: await provided() });
  return [...new Set(Object.values(exported))].filter((value) => value instanceof Scenario);
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || dirname(path) === '' ? file : path;
}
