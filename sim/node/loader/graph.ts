/**
 * One evaluation of a graph of modules: what a process of Node.js keeps in its two module caches.
 *
 * A graph is cheap, since its modules were compiled before: an incarnation gets a new one, a realm
 * has one, and a program with shared modules keeps one for the process.
 */
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Instance } from './binding.ts';
import { CjsInstance, type NodeModule, type Require, type Requirer } from './cjs-instance.ts';
import { CompiledView } from './common-js.ts';
import { CompiledModule, moduleOf } from './compiled.ts';
import type { EsmForm } from './esm.ts';
import { type Body, EsmInstance, type Linker } from './esm-instance.ts';
import type { Habitat, LooseInstance } from './habitat.ts';
import { LoadError, type Place } from './load-error.ts';
import { ObjectInstance } from './object-instance.ts';
import type { RequestKind } from './resolve.ts';

export class ModuleGraph implements Linker, Requirer {
  readonly habitat: Habitat;
  private readonly esm = new Map<CompiledModule, EsmInstance>();
  private readonly cjs = new Map<string, CjsInstance>();
  private readonly objects = new Map<object, ObjectInstance>();
  private readonly views = new Map<LooseInstance, CompiledView>();
  /** `require.cache`, from which a program may take modules, or to which it may add some. */
  private readonly cache: { [file: string]: NodeModule } = Object.create(null);
  private main: NodeModule | undefined;
  private moduleModule: object | undefined;

  constructor(habitat: Habitat) {
    this.habitat = habitat;
  }

  /** Runs a file as Node.js runs the one it is started with. */
  run(file: string): Instance {
    const instance = this.instance({ is: 'file', file }, 'import');
    if (instance instanceof CjsInstance) {
      this.main = instance.node;
      instance.node.require.main = instance.node;
    }
    return evaluated(instance);
  }

  /** Loads a file as an import of it would; it has run, unless it is `pending`. */
  import(file: string): Instance {
    return evaluated(this.instance({ is: 'file', file }, 'import'));
  }

  /** The instance of a file, if it has one by now. */
  known(file: string): Instance | undefined {
    return this.esm.get(this.moduleOf(file)) ?? this.cjs.get(file);
  }

  /** Where modules wait at top level. */
  stuckAt(): readonly Place[] {
    return [...this.esm.values()].flatMap(({ stuckAt }) => stuckAt ?? []);
  }

  dependency(of: CompiledModule, request: number): Instance {
    const { specifier, line, column } = (of.form as EsmForm).requests[request]!;
    const target = this.target(of, specifier, 'import', { line, column });
    const instance = this.instance(target, 'import');
    return of.isUndeclared && instance.is === 'loose' ? this.viewOf(instance) : instance;
  }

  private viewOf(instance: LooseInstance): CompiledView {
    const view = this.views.get(instance) ?? new CompiledView(instance);
    this.views.set(instance, view);
    return view;
  }

  importFrom(module: CompiledModule, specifier: unknown): Promise<object> {
    return this.habitat.global.Promise.resolve().then(async () => {
      const target = this.target(module, String(specifier), 'import');
      if (target.is === 'file') await this.habitat.fetch?.(target.file);
      const instance = evaluated(this.instance(target, 'import'));
      if (instance.is === 'esm') await instance.pending;
      return instance.namespace();
    });
  }

  meta(module: CompiledModule): object {
    const { file } = module;
    const meta = new this.habitat.global.Object();
    Object.assign(meta, {
      dirname: dirname(file),
      filename: file,
      resolve: (specifier: string) => {
        const found = module.resolve(specifier, 'import');
        return found.is === 'file' ? pathToFileURL(found.file).href : `node:${found.name}`;
      },
      url: pathToFileURL(file).href,
    });
    return Object.setPrototypeOf(meta, null);
  }

  begin(instance: EsmInstance): Body {
    const body = this.habitat.wrapper(instance.module)(instance) as Body;
    if (!instance.form.isAsync) (body as Iterator<undefined>).next();
    return body;
  }

  requireFor(of: CompiledModule): Require {
    const require = (specifier: string): unknown =>
      this.require(this.target(of, specifier, 'require'), of);
    return Object.assign(require, {
      resolve: (specifier: string) => {
        const found = of.resolve(specifier, 'require');
        return found.is === 'file' ? found.file : specifier;
      },
      cache: this.cache,
      main: this.main,
      extensions: Object.create(null),
    });
  }

  private require(target: Target, from: CompiledModule): unknown {
    if (target.is === 'object') return target.exports;
    const kept = this.cache[target.file];
    if (kept !== undefined && kept !== this.cjs.get(target.file)?.node) return kept.exports;
    const parent = this.cjs.get(from.file)?.node;
    const instance = this.instance(target, 'require', parent);
    if (instance instanceof ObjectInstance) return instance.exports;
    if (instance.is === 'loose') return this.requireCommon(instance as CjsInstance);
    evaluated(instance);
    if (instance.pending !== undefined) {
      const what = `'${target.file}' awaits at top level, so it can only be imported`;
      throw new LoadError('ERR_REQUIRE_ASYNC_MODULE', { file: from.file }, what);
    }
    return requirable(instance.namespace());
  }

  private requireCommon(instance: CjsInstance): unknown {
    const { node } = instance;
    try {
      instance.evaluate();
    } catch (error) {
      delete this.cache[node.filename];
      this.cjs.delete(node.filename);
      throw error;
    }
    return node.exports;
  }

  private target(
    of: CompiledModule,
    specifier: string,
    kind: RequestKind,
    place?: Omit<Place, 'file'>,
  ): Target {
    const provided = this.habitat.provided.get(specifier);
    if (provided !== undefined) return { is: 'object', exports: provided, form: 'namespace' };
    const found = of.resolve(specifier, kind, place);
    if (found.is === 'builtin') {
      return { is: 'object', exports: this.builtin(found.name), form: 'built-in' };
    }
    const own = this.habitat.provided.get(found.file);
    return own === undefined ? found : { is: 'object', exports: own, form: 'namespace' };
  }

  /** A built-in module; of `module`, with a `createRequire` that stays in this graph. */
  private builtin(name: string): object {
    const exports = this.habitat.builtin(name);
    if (name !== 'module') return exports;
    this.moduleModule ??= Object.assign(Object.create(exports), {
      createRequire: (from: string | URL) => {
        const file = /^file:/.test(String(from)) ? fileURLToPath(from) : String(from);
        return this.requireFor(new CompiledModule(file, { is: 'json', text: 'null' }, undefined));
      },
    });
    return this.moduleModule!;
  }

  /** The instance of a target, made when this graph has none yet. */
  private instance(target: Target, kind: RequestKind, parent?: NodeModule): Instance {
    if (target.is === 'object') return this.objectInstance(target.exports, target.form);
    const { file } = target;
    const foreign = this.habitat.foreign?.(file, kind);
    if (foreign !== undefined) {
      return this.objectInstance(foreign, kind === 'import' ? 'namespace' : 'built-in');
    }
    const module = this.moduleOf(file);
    if (module.form.is !== 'esm') return this.common(module, parent);
    let instance = this.esm.get(module);
    if (instance === undefined) {
      instance = new EsmInstance(module, module.form, this);
      this.esm.set(module, instance);
    }
    return instance;
  }

  private moduleOf(file: string): CompiledModule {
    return moduleOf(file, file === this.habitat.open ? 'open' : 'plain');
  }

  private common(module: CompiledModule, parent: NodeModule | undefined): CjsInstance {
    const { file } = module;
    const known = this.cjs.get(file);
    if (known !== undefined && this.cache[file] === known.node) return known;
    const instance = new CjsInstance(module, this, parent);
    this.cjs.set(file, instance);
    this.cache[file] = instance.node;
    parent?.children.push(instance.node);
    return instance;
  }

  private objectInstance(exports: object, form: 'built-in' | 'namespace'): ObjectInstance {
    let instance = this.objects.get(exports);
    if (instance === undefined) {
      instance = new ObjectInstance(exports, form);
      this.objects.set(exports, instance);
    }
    return instance;
  }
}

type Target =
  | { readonly is: 'file'; readonly file: string }
  | { readonly is: 'object'; readonly exports: object; readonly form: 'built-in' | 'namespace' };

/** The instance, after it has run; an ES module may still be `pending`. */
function evaluated(instance: Instance): Instance {
  if (instance.is === 'esm') {
    instance.instantiate();
    instance.link();
  }
  instance.evaluate();
  return instance;
}

/** What `require` of an ES module returns: https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require */
function requirable(namespace: object): unknown {
  if ('module.exports' in namespace) return namespace['module.exports'];
  if (!('default' in namespace) || '__esModule' in namespace) return namespace;
  return Object.assign(Object.create(namespace), { __esModule: true });
}
