/** An ES module in a graph; its code knows it as `$G` (see esm.ts), by the short names below. */
import { type Binding, currentValue, type Instance, isSame } from './binding.ts';
import type { CompiledModule } from './compiled.ts';
import type { EsmForm, ImportedName } from './esm.ts';
import { namespaceObject } from './habitat.ts';
import { LoadError, type Place } from './load-error.ts';
import { type Sight, Sights } from './sight.ts';

/** What an instance needs of its graph. */
export interface Linker {
  dependency(of: CompiledModule, request: number): Instance;
  importFrom(module: CompiledModule, specifier: unknown): Promise<object>;
  meta(module: CompiledModule): object;
  /** Calls the wrapper function: the module has introduced itself and waits to run its body. */
  begin(instance: EsmInstance): Body;
}

/** A generator for a module that runs in one go, a promise for one that awaits at top level. */
export type Body = Iterator<undefined> | Promise<undefined>;

type Listener = (value: unknown) => void;
type ImportSetter = (k: number, value: unknown) => void;

const UNSET = Symbol('no value yet');
const MISSING: Binding = { is: 'missing' };

export class EsmInstance {
  readonly is = 'esm';
  readonly module: CompiledModule;
  readonly form: EsmForm;
  /** Settles when it and what it imports have run, if one of them awaits at top level. */
  pending: Promise<unknown> | undefined;
  /** The line of the top-level `await` it has come to, in the code that runs; 0 before. */
  at = 0;
  /** Sets import variable `k`. Made by the module's code when it imports anything. */
  f: ImportSetter = ignore;
  readonly sights: Sights = new Sights();
  private readonly linker: Linker;
  private readonly dependencies: Instance[] = [];
  private readonly values: unknown[];
  private readonly listeners: (Listener[] | undefined)[] = [];
  /** Import variables that are set when the dependencies have run. */
  private readonly late: number[] = [];
  private state: 'new' | 'instantiated' | 'linked' | 'evaluating' | 'ran' | 'done' | 'failed' =
    'new';
  private error: unknown;
  private body: Body | undefined;
  private open: (() => void) | undefined;
  private madeMeta: object | undefined;
  private madeNamespace: { [name: string]: unknown } | undefined;

  constructor(module: CompiledModule, form: EsmForm, linker: Linker) {
    this.module = module;
    this.form = form;
    this.linker = linker;
    this.values = new Array(form.exports.length).fill(UNSET);
  }

  /** Its code says: export `number` has this value now. */
  e(number: number, value: unknown): void {
    this.values[number] = value;
    const listeners = this.listeners[number];
    if (listeners === undefined) return;
    for (const listener of listeners) listener(value);
  }

  /** Its code says: the default export; in an object, which names what has no name. */
  x(holder: { readonly default: unknown }): void {
    this.e(this.form.exports.indexOf('default'), holder.default);
  }

  /** Its code has assigned to an export: `tell` says which. Returns what the expression does. */
  s(value: unknown, tell: () => void): unknown {
    tell();
    return value;
  }

  /** Its code, made `open`, hands out a scope. */
  k(scope: string, evaluate: Sight['evaluate'], names: readonly string[]): void {
    this.sights.add(scope, evaluate, names);
  }

  /** Its `import()`. */
  imp(specifier: unknown): Promise<object> {
    return this.linker.importFrom(this.module, specifier);
  }

  /** Its `import.meta`. */
  get meta(): object {
    this.madeMeta ??= this.linker.meta(this.module);
    return this.madeMeta;
  }

  /** What a body that awaits at top level waits for first. */
  get go(): Promise<void> {
    return new Promise((resolve) => {
      this.open = resolve;
    });
  }

  instantiate(): void {
    if (this.state !== 'new') return;
    this.state = 'instantiated';
    const { form, linker, module } = this;
    this.body = linker.begin(this);
    for (let request = 0; request < form.requests.length; request++) {
      const dependency = linker.dependency(module, request);
      this.dependencies.push(dependency);
      if (dependency.is === 'esm') dependency.instantiate();
    }
  }

  /** Connects imports to the exports of ES modules, before anything runs. */
  link(): void {
    if (this.state !== 'instantiated') return;
    this.state = 'linked';
    for (const dependency of this.dependencies) if (dependency.is === 'esm') dependency.link();
    const { imports, passed } = this.form;
    for (let k = 0; k < imports.length; k++) {
      const binding = this.bindingOf(imports[k]!);
      if (binding.is === 'own') {
        binding.of.listen(binding.number, (value) => this.f(k, value));
      } else {
        this.late.push(k);
      }
    }
    for (const { from } of passed) this.bindingOf(from);
  }

  /** Runs it after its dependencies. What it threw once, it throws to everybody who asks. */
  evaluate(): void {
    if (this.state === 'failed') throw this.error;
    if (this.state !== 'linked') return;
    this.state = 'evaluating';
    try {
      const awaited: Promise<unknown>[] = [];
      for (const dependency of this.dependencies) {
        dependency.evaluate();
        if (dependency.is === 'esm' && dependency.pending) awaited.push(dependency.pending);
      }
      this.pending =
        awaited.length === 0 ? this.run() : Promise.all(awaited).then(() => this.run());
      this.state = 'ran';
    } catch (error) {
      this.fail(error);
      throw error;
    }
    if (this.pending === undefined) this.state = 'done';
    else
      this.pending.then(
        () => this.finish(),
        (error) => this.fail(error),
      );
  }

  /** Where it waits at top level; undefined when it does not. */
  get stuckAt(): Place | undefined {
    if (this.state !== 'ran' || this.at === 0) return undefined;
    const { file, line } = this.module.original({ line: this.at });
    return line === undefined ? { file } : { file, line };
  }

  namespace(): object {
    if (this.madeNamespace !== undefined) return this.madeNamespace;
    const names = this.names([]);
    const blank = namespaceObject(names.map((name) => [name, undefined]));
    const namespace = blank as { [name: string]: unknown };
    // Kept before it is filled: it may be an export of itself.
    this.madeNamespace = namespace;
    for (const name of names) {
      const binding = this.resolve(name, []);
      if (binding.is !== 'own') namespace[name] = currentValue(binding);
      else {
        binding.of.listen(binding.number, (value) => {
          namespace[name] = value;
        });
      }
    }
    return namespace;
  }

  /** The present value of an export; undefined when there is no such export. */
  find(name: string): { readonly value: unknown } | undefined {
    const binding = this.resolve(name, []);
    if (binding.is === 'missing' || binding.is === 'ambiguous') return undefined;
    return { value: currentValue(binding) };
  }

  /** An export of its own; undefined before it has a value. */
  value(number: number): unknown {
    const value = this.values[number];
    return value === UNSET ? undefined : value;
  }

  /** Tells the value of an export of its own, and tells it again whenever it changes. */
  listen(number: number, listener: Listener): void {
    (this.listeners[number] ??= []).push(listener);
    const value = this.values[number];
    if (value !== UNSET) listener(value);
  }

  /** ResolveExport (ECMA-262, 16.2.1.7.2.2); `seen` are the modules on the way here. */
  resolve(name: string, seen: readonly EsmInstance[]): Binding {
    if (seen.includes(this)) return MISSING;
    const { form } = this;
    const number = form.exports.indexOf(name);
    if (number >= 0) return { is: 'own', of: this, number };
    const passed = form.passed.find(({ as }) => as === name);
    if (passed !== undefined) return this.lookUp(passed.from, [...seen, this]);
    return name === 'default' ? MISSING : this.resolveStar(name, [...seen, this]);
  }

  private resolveStar(name: string, seen: readonly EsmInstance[]): Binding {
    let found: Binding = MISSING;
    for (const request of this.form.stars) {
      const binding = this.lookUp({ request, name }, seen);
      if (binding.is === 'missing') continue;
      if (binding.is === 'ambiguous') return binding;
      if (found.is === 'missing' || found.is === 'later') found = binding;
      else if (binding.is !== 'later' && !isSame(found, binding)) return { is: 'ambiguous' };
    }
    return found;
  }

  private lookUp(
    { request, name }: Pick<ImportedName, 'request' | 'name'>,
    seen: readonly EsmInstance[],
  ): Binding {
    const of = this.dependencies[request]!;
    if (name === '*') return { is: 'namespace', of };
    if (of.is === 'esm') return of.resolve(name, seen);
    const hasRun = this.state !== 'instantiated' && this.state !== 'linked';
    if (!hasRun) return { is: 'later' };
    return of.find(name) === undefined ? MISSING : { is: 'loose', of, name };
  }

  /** @throws LoadError when no module on the way exports it. */
  private bindingOf(imported: ImportedName): Binding {
    const binding = this.lookUp(imported, []);
    if (binding.is !== 'missing' && binding.is !== 'ambiguous') return binding;
    const { request, name, line, column } = imported;
    const { specifier } = this.form.requests[request]!;
    const what =
      binding.is === 'missing'
        ? `'${specifier}' does not export '${name}'`
        : `'${specifier}' exports '${name}' from two places`;
    throw new LoadError('ERR_NO_EXPORT', this.module.original({ line, column }), what);
  }

  private run(): Promise<undefined> | undefined {
    for (const k of this.late) this.f(k, currentValue(this.bindingOf(this.form.imports[k]!)));
    if (this.form.isAsync) {
      this.open!();
      return this.body as Promise<undefined>;
    }
    (this.body as Iterator<undefined>).next();
    return undefined;
  }

  private finish(): void {
    this.state = 'done';
  }

  private fail(error: unknown): void {
    this.state = 'failed';
    this.error = error;
  }

  private names(seen: readonly EsmInstance[]): readonly string[] {
    if (seen.includes(this)) return [];
    const { exports, passed, stars } = this.form;
    const names = new Set([...exports, ...passed.map(({ as }) => as)]);
    for (const star of stars) {
      const of = this.dependencies[star]!;
      for (const name of of.is === 'esm' ? of.names([...seen, this]) : of.names()) {
        if (name !== 'default' && this.resolve(name, []).is !== 'ambiguous') names.add(name);
      }
    }
    return [...names];
  }
}

function ignore(): void {}
