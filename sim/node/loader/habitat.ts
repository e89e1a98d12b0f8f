import type { CompiledModule, Wrapper } from './compiled.ts';
import type { RequestKind } from './resolve.ts';
import type { Sights } from './sight.ts';

/** Where a graph of modules lives. */
export interface Habitat {
  /** The realm whose objects, promises and parsed JSON its modules see. */
  readonly global: Pick<typeof globalThis, 'Object' | 'Promise' | 'JSON'>;
  /** The wrapper function of a module, in that realm. */
  wrapper(module: CompiledModule): Wrapper;
  builtin(name: string): object;
  /** Modules that exist already, by specifier or absolute path: the harness's own. */
  readonly provided: ReadonlyMap<string, object>;
  /** The file that is made open to debuggers. */
  readonly open?: string | undefined;
  /** A module of another loader, or undefined when the graph is to load the file itself. */
  foreign?(file: string, kind: RequestKind): object | undefined;
  /** Makes ready what an `import()` of this file will ask `foreign` for. */
  fetch?(file: string): Promise<void>;
}

/** A module whose exports are all known once it has run: anything but an ES module. */
export interface LooseInstance {
  readonly is: 'loose';
  /** Runs it, unless it has run or is running. */
  evaluate(): void;
  /** What an import of this name gets; undefined when there is no such export. */
  find(name: string): { readonly value: unknown } | undefined;
  names(): readonly string[];
  namespace(): object;
  readonly sights?: Sights;
}

/** An object like that of `import * as`: its names in order, on nothing. */
export function namespaceObject(entries: readonly (readonly [string, unknown])[]): object {
  const namespace: { [name: string]: unknown } = {};
  for (const [name, value] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    namespace[name] = value;
  }
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'Module' });
  return Object.setPrototypeOf(namespace, null);
}
