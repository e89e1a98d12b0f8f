/** A CommonJS or JSON file in a graph: its `module` object, and the `require` that it sees. */
import { dirname, join } from 'node:path';
import type { CompiledModule } from './compiled.ts';
import { type Habitat, type LooseInstance, namespaceObject } from './habitat.ts';
import { type Sight, Sights } from './sight.ts';

/** What Node.js calls a module, as far as its users look at it. */
export interface NodeModule {
  id: string;
  path: string;
  exports: unknown;
  filename: string;
  loaded: boolean;
  children: NodeModule[];
  paths: string[];
  parent: NodeModule | undefined;
  require: Require;
}

export interface Require {
  (specifier: string): unknown;
  resolve: (specifier: string) => string;
  cache: { [file: string]: NodeModule };
  main: NodeModule | undefined;
  extensions: object;
}

export interface Requirer {
  readonly habitat: Habitat;
  requireFor(of: CompiledModule): Require;
  importFrom(module: CompiledModule, specifier: unknown): Promise<object>;
}

export class CjsInstance implements LooseInstance {
  readonly is = 'loose';
  readonly node: NodeModule;
  readonly sights: Sights = new Sights();
  private readonly module: CompiledModule;
  private readonly requirer: Requirer;
  private state: 'new' | 'begun' | 'failed' = 'new';
  private error: unknown;
  private madeNamespace: object | undefined;

  constructor(module: CompiledModule, requirer: Requirer, parent: NodeModule | undefined) {
    this.module = module;
    this.requirer = requirer;
    const { global } = requirer.habitat;
    const folder = dirname(module.file);
    this.node = Object.assign(new global.Object(), {
      id: parent === undefined ? '.' : module.file,
      path: folder,
      exports: new global.Object(),
      filename: module.file,
      loaded: false,
      children: [],
      paths: searched(folder),
      parent,
      require: requirer.requireFor(module),
    });
  }

  evaluate(): void {
    if (this.state === 'failed') throw this.error;
    if (this.state === 'begun') return;
    this.state = 'begun';
    try {
      this.run();
    } catch (error) {
      this.state = 'failed';
      this.error = error;
      throw error;
    }
    this.node.loaded = true;
  }

  /** Its `import()`; the name is as long as the keyword. */
  imp(specifier: unknown): Promise<object> {
    return this.requirer.importFrom(this.module, specifier);
  }

  /** Its code, made `open`, hands out a scope. */
  k(scope: string, evaluate: Sight['evaluate'], names: readonly string[]): void {
    this.sights.add(scope, evaluate, names);
  }

  private run(): void {
    const { module, node, requirer } = this;
    const { habitat } = requirer;
    if (module.form.is === 'json') {
      node.exports = habitat.global.JSON.parse(module.form.text);
      return;
    }
    const wrapper = habitat.wrapper(module)(this) as (...args: unknown[]) => void;
    wrapper.call(node.exports, node.exports, node.require, node, module.file, node.path);
  }

  find(name: string): { readonly value: unknown } | undefined {
    const { exports } = this.node;
    if (name === 'default' || name === 'module.exports') return { value: exports };
    if (exports === null || !/object|function/.test(typeof exports)) return undefined;
    return Object.hasOwn(exports as object, name)
      ? { value: (exports as { [name: string]: unknown })[name] }
      : undefined;
  }

  names(): readonly string[] {
    const { exports } = this.node;
    const own = exports === null || exports === undefined ? [] : Object.keys(exports);
    return [...new Set([...own, 'default'])];
  }

  namespace(): object {
    this.madeNamespace ??= namespaceObject(
      this.names().map((name) => [name, this.find(name)!.value]),
    );
    return this.madeNamespace;
  }
}

/** `module.paths`: where packages are looked for. */
function searched(folder: string): string[] {
  const paths: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (!at.endsWith('node_modules')) paths.push(join(at, 'node_modules'));
    if (at === dirname(at)) return paths;
  }
}
