/** Programs of a scenario: an export of a file, with the modules that it imports. */
import { resolve as resolvePath } from 'node:path';
import type { Program } from '../env/env.ts';
import { notAProgram } from '../env/program.ts';
import { currentSink, routeTo } from '../sched/sink.ts';
import { interiorOf } from './interior.ts';
import type { Instance } from './loader/binding.ts';
import { type CompiledModule, compileAll } from './loader/compiled.ts';
import { ModuleGraph } from './loader/graph.ts';
import type { Habitat } from './loader/habitat.ts';
import { LoadError } from './loader/load-error.ts';
import { nodeModule } from './loader/node-module.ts';
import { resolve } from './loader/resolve.ts';
import type { Making } from './loader/sight.ts';
import type { ProgramSource } from './node.ts';

/** A program as scenarios name it: `./client.ts`, or `./client.ts#reader` for a named export. */
export interface ProgramPath {
  /** With its links resolved; under the name that exists, `.ts` or `.js`. */
  readonly file: string;
  /** `default`, or the export's name. */
  readonly export: string;
}

export interface ProgramOptions {
  /**
   * - `fresh`: each incarnation evaluates its modules anew, as a process does
   * - `shared`: they are evaluated once a process, and all nodes of all worlds share their state;
   *   they must not await at top level, and what they print then is lost
   */
  readonly modules: 'fresh' | 'shared';
  /** Modules that exist already, by specifier: `groundhog` and its entry points, as they run. */
  readonly provided: ReadonlyMap<string, object>;
  /** How the file itself is made, which needs fresh modules. Default `plain`. */
  readonly making?: Making;
}

/** @throws LoadError when there is no such file. */
export function programPath(path: string, folder: string): ProgramPath {
  const [, specifier, name] = /^(.*?)(?:#(\w+))?$/.exec(path)!;
  const from = { file: resolvePath(folder, 'scenario.ts') };
  const found = resolve({ specifier: resolvePath(folder, specifier!), kind: 'import', from });
  if (found.is === 'builtin') throw new LoadError('ERR_MODULE_NOT_FOUND', from, `no '${path}'`);
  return { file: found.file, export: name ?? 'default' };
}

/**
 * Compiles the program's modules, so that most of what can be wrong with them is found here and not
 * in a world; the rest fails the run as an error of the program.
 *
 * @throws LoadError with file and line.
 */
export function programSource(program: ProgramPath, options: ProgramOptions): ProgramSource {
  const { modules, provided, making } = options;
  const entry = compileAll(program.file, options);
  checkExport(entry, program);
  if (modules === 'fresh') {
    const habitat = {
      ...mainHabitat(provided),
      open: making === 'open' ? program.file : undefined,
    };
    return {
      load: (incarnation) => {
        const graph = new ModuleGraph(habitat);
        incarnation.interior = interiorOf(() => graph.known(program.file), {
          scope: program.export,
        });
        return programOf(graph.import(program.file), program);
      },
    };
  }
  const graph = sharedGraph(provided);
  let outcome: { readonly loaded: Program } | { readonly failed: unknown } | undefined;
  return {
    load: () => {
      outcome ??= quietly(() => loadShared(graph, program));
      if ('failed' in outcome) throw outcome.failed;
      return outcome.loaded;
    },
  };
}

/** A module that is run without taking a program from it: for what its top level does. */
export function moduleSource(file: string, provided: ReadonlyMap<string, object>): ProgramSource {
  return {
    load: () => {
      const instance = new ModuleGraph(mainHabitat(provided)).import(file);
      return async () => {
        if (instance.is === 'esm') await instance.pending;
      };
    },
  };
}

/** Where the modules of programs live: the main realm, whose effects the guard watches. */
export function mainHabitat(provided: ReadonlyMap<string, object>): Habitat {
  return {
    global: globalThis,
    wrapper: (module) => module.wrapper(),
    builtin: (name) => (name === 'console' ? globalThis.console : nodeModule(name)),
    provided,
  };
}

/** Finds a missing export without running anything, where the file alone tells. */
function checkExport({ form, file }: CompiledModule, program: ProgramPath): void {
  if (form.is === 'cjs' || (form.is === 'esm' && form.stars.length > 0)) return;
  const names = form.is === 'json' ? [] : [...form.exports, ...form.passed.map(({ as }) => as)];
  if (!names.includes(program.export)) throw noProgram(file, program, names);
}

function programOf(instance: Instance, program: ProgramPath): Program {
  if (instance.is === 'esm' && instance.pending !== undefined) {
    const { pending } = instance;
    return async (env, args) => {
      await pending;
      await exported(instance, program)(env, args);
    };
  }
  return exported(instance, program);
}

function exported(instance: Instance, program: ProgramPath): Program {
  const found = instance.find(program.export);
  if (found === undefined) {
    throw new LoadError('ERR_NOT_A_PROGRAM', program, `there is no ${inWords(program)}`);
  }
  const other = notAProgram(found.value);
  if (other === undefined) return found.value as Program;
  const what = `the ${inWords(program)} is ${other}, not a function of (env, args)`;
  throw new LoadError('ERR_NOT_A_PROGRAM', program, what);
}

function noProgram(file: string, program: ProgramPath, names: readonly string[]): LoadError {
  const known = names.length === 0 ? '' : `; it exports ${names.join(', ')}`;
  return new LoadError('ERR_NO_EXPORT', { file }, `there is no ${inWords(program)}${known}`);
}

function inWords(program: ProgramPath): string {
  return program.export === 'default' ? 'default export' : `export '${program.export}'`;
}

const sharedGraphs = new WeakMap<object, ModuleGraph>();

function sharedGraph(provided: ReadonlyMap<string, object>): ModuleGraph {
  let graph = sharedGraphs.get(provided);
  if (graph === undefined) {
    graph = new ModuleGraph(mainHabitat(provided));
    sharedGraphs.set(provided, graph);
  }
  return graph;
}

function loadShared(graph: ModuleGraph, program: ProgramPath): Program {
  const instance = graph.import(program.file);
  if (instance.is === 'esm' && instance.pending !== undefined) {
    const what = "shared modules cannot await at top level; say modules: 'fresh'";
    throw new LoadError('ERR_REQUIRE_ASYNC_MODULE', program, what);
  }
  return exported(instance, program);
}

/** Runs what belongs to no world: its output is dropped, and its escapes fail whoever loads it. */
function quietly(load: () => Program): { readonly loaded: Program } | { readonly failed: unknown } {
  const sink = currentSink();
  const errors: unknown[] = [];
  routeTo({
    nowNs: 0,
    current: errors,
    uncaught: (error) => errors.push(error),
    print: () => {},
  });
  try {
    const loaded = load();
    return errors.length === 0 ? { loaded } : { failed: errors[0] };
  } catch (failed) {
    return { failed };
  } finally {
    routeTo(sink);
  }
}
