/**
 * Modules of the user that run in the real world, around worlds: scenarios, above all. Files of the
 * project go through our compiler, so TypeScript works and `groundhog` is the copy that runs;
 * packages are left to Node.js.
 */
import { createRequire } from 'node:module';
import { resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { thrownInWords } from '../../trace/violation.ts';
import { withUserStacks } from '../guard/stack-trace.ts';
import { CjsInstance } from './cjs-instance.ts';
import { compileAll } from './compiled.ts';
import { ModuleGraph } from './graph.ts';
import type { Habitat } from './habitat.ts';
import { LoadError, type Place, shortPath } from './load-error.ts';
import { nodeModule } from './node-module.ts';
import { resolve } from './resolve.ts';

export interface ModuleOptions {
  /** Modules that exist already, by specifier: `groundhog` and its entry points, as they run. */
  readonly provided: ReadonlyMap<string, object>;
}

/**
 * The namespace of an ES module, CommonJS or TypeScript file, after it has run.
 *
 * @throws LoadError, whose message is one line with the file and the line in it, whatever went wrong.
 */
export async function loadModule(path: string, { provided }: ModuleOptions): Promise<object> {
  const from = { file: resolvePath('groundhog') };
  const found = resolve({ specifier: resolvePath(path), kind: 'require', from });
  const { file } = found as { readonly file: string };
  return withUserStacks(async () => {
    const packages = new Packages(provided);
    await packages.fetch(file);
    try {
      return await run(file, packages.habitat());
    } catch (error) {
      throw error instanceof LoadError ? error : thrown(error, file);
    }
  });
}

async function run(file: string, habitat: Habitat): Promise<object> {
  const instance = new ModuleGraph(habitat).import(file);
  if (instance.is === 'esm') await instance.pending;
  if (!(instance instanceof CjsInstance)) return instance.namespace();
  // What TypeScript makes of a module says so.
  const { exports } = instance.node as { exports: { __esModule?: boolean } };
  return exports?.__esModule ? exports : instance.namespace();
}

function isPackage(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file) && !file.endsWith('.json');
}

/** Packages, loaded by Node.js before a module that imports them runs. */
class Packages {
  private readonly provided: ReadonlyMap<string, object>;
  private readonly namespaces = new Map<string, object>();
  private readonly require = createRequire(import.meta.url);

  constructor(provided: ReadonlyMap<string, object>) {
    this.provided = provided;
  }

  /** Makes ready what this file imports by name, and what those files do. */
  async fetch(file: string): Promise<void> {
    if (isPackage(file)) {
      await this.import(file, { file });
      return;
    }
    const wanted = new Map<string, Place>();
    compileAll(file, {
      provided: this.provided,
      foreign: (imported, place) => {
        if (!isPackage(imported)) return false;
        if (!wanted.has(imported)) wanted.set(imported, place);
        return true;
      },
    });
    for (const [imported, place] of wanted) await this.import(imported, place);
  }

  habitat(): Habitat {
    return {
      global: globalThis,
      wrapper: (module) => module.wrapper(),
      builtin: nodeModule,
      provided: this.provided,
      foreign: (file, kind) => {
        if (!isPackage(file)) return undefined;
        return kind === 'import' ? this.namespaces.get(file) : this.require(file);
      },
      fetch: (file) => this.fetch(file),
    };
  }

  private async import(file: string, place: Place): Promise<void> {
    if (this.namespaces.has(file)) return;
    try {
      this.namespaces.set(file, await import(pathToFileURL(file).href));
    } catch (cause) {
      const what = `cannot load '${shortPath(file)}': ${inWords(cause)}`;
      throw new LoadError('ERR_MODULE_THREW', place, what, cause);
    }
  }
}

/** What the top level of a module has thrown, with the place where. */
function thrown(error: unknown, file: string): LoadError {
  const { stack } = Object(error) as { stack?: unknown };
  const place = placeOfFrame(String(stack)) ?? { file };
  return new LoadError('ERR_MODULE_THREW', place, inWords(error), error);
}

/** Of the first frame in a stack that has one. */
export function placeOfFrame(stack: string): Place | undefined {
  const frame = /^ +at (?:.*? \()?(.+?):(\d+):(\d+)\)?$/m.exec(stack);
  if (frame === null) return undefined;
  return { file: resolvePath(frame[1]!), line: Number(frame[2]), column: Number(frame[3]) };
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${thrownInWords(error)}`.split('\n', 1)[0]!;
  const { name, message } = error;
  // Ours says all in its words; its class is no news to who wrote the scenario.
  const text = name === 'ScenarioError' ? message : `${name}: ${message}`;
  return text.split('\n', 1)[0]!;
}
