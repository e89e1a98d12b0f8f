/**
 * Files as functions: read, turned into a wrapper function and compiled once a process, whoever uses
 * them. Every graph in the main realm calls one and the same function object, so what the engine has
 * learnt about the code stays learnt; every other realm runs one and the same script.
 */
import { readFileSync } from 'node:fs';
import type { SourceMapPayload } from 'node:module';
import { extname } from 'node:path';
import { compileFunction, Script } from 'node:vm';
import { type Options, type Program, parse } from 'acorn';
import { assert } from '../../env/assert.ts';
import { outsideWorld } from '../../sched/inside-world.ts';
import { needsCommonJs } from './common-js.ts';
import { type EsmForm, esmForm, graphName, isEsm, withGraphImports } from './esm.ts';
import { LoadError, type Place } from './load-error.ts';
import { packageOf } from './packages.ts';
import { type RequestKind, type Resolved, resolve } from './resolve.ts';
import { variablesOf } from './scope.ts';
import { type Making, sightOf, WHOLE } from './sight.ts';
import { noteLoaded, originalPlace, type PositionMap, positionMap } from './source-map.ts';
import { needsTransform, transform } from './typescript.ts';

interface CjsForm {
  readonly is: 'cjs';
  readonly code: string;
  readonly prologueLength: number;
}

interface JsonForm {
  readonly is: 'json';
  readonly text: string;
}

export type Form = EsmForm | CjsForm | JsonForm;

/** A wrapper function; its arguments depend on the form. */
export type Wrapper = (...args: unknown[]) => unknown;

export class CompiledModule {
  readonly file: string;
  readonly form: Form;
  /** From the code that runs to the one that was written, where they differ. */
  readonly map: PositionMap | undefined;
  private readonly payload: SourceMapPayload | undefined;
  private readonly resolved = new Map<string, Resolved>();
  private compiled: Script | undefined;
  private inThisRealm: Wrapper | undefined;
  private undeclared: boolean | undefined;

  constructor(file: string, form: Form, payload: SourceMapPayload | undefined) {
    this.file = file;
    this.form = form;
    this.payload = payload;
    this.map = payload && positionMap(payload);
  }

  /** The script whose value is the wrapper function. */
  compile(): Script {
    this.compiled ??= compile(this.file, this.form, this.payload);
    return this.compiled;
  }

  /** The wrapper function in the main realm, always the same. */
  wrapper(): Wrapper {
    this.inThisRealm ??= this.compile().runInThisContext() as Wrapper;
    return this.inThisRealm;
  }

  /**
   * Neither its name nor its package says of which module system it is, though its compiler's options
   * may: TypeScript outside of packages with `"type": "module"`.
   */
  get isUndeclared(): boolean {
    this.undeclared ??= needsTransform(this.file) && declaredFormat(this.file) === undefined;
    return this.undeclared;
  }

  /** What a specifier in this file stands for; found once. */
  resolve(specifier: string, kind: RequestKind, place?: Omit<Place, 'file'>): Resolved {
    const key = kind === 'import' ? `i${specifier}` : `r${specifier}`;
    let found = this.resolved.get(key);
    if (found === undefined) {
      found = outsideWorld(() => resolve({ specifier, kind, from: this.original(place) }));
      this.resolved.set(key, found);
    }
    return found;
  }

  /** A place in the code that runs, as a place in the file. */
  original(place: Omit<Place, 'file'> = {}): Place {
    return originalPlace(this.map, { file: this.file, ...place });
  }
}

const modules: { readonly [Each in Making]: Map<string, CompiledModule> } = {
  plain: new Map(),
  open: new Map(),
};

/** @throws LoadError when the file does not parse. */
export function moduleOf(file: string, making: Making = 'plain'): CompiledModule {
  let module = modules[making].get(file);
  if (module === undefined) {
    module = outsideWorld(() => read(file, making));
    modules[making].set(file, module);
    noteLoaded(file, module.map);
  }
  return module;
}

/** What {@link compileAll} leaves alone. */
export interface Skips {
  /** Specifiers, or absolute paths, that stand for something else. */
  readonly provided: ReadonlyMap<string, unknown>;
  /** Told of each import; true when another loader takes the file. */
  foreign?(file: string, place: Place): boolean;
  /** How the file itself is made. Default `plain`. */
  readonly making?: Making | undefined;
}

/**
 * Compiles a file and all that it imports by name, so that what can be wrong with them is found
 * before anything runs.
 */
export function compileAll(file: string, { provided, foreign, making }: Skips): CompiledModule {
  const entry = moduleOf(file, making);
  const done = new Set<CompiledModule>();
  const visit = (module: CompiledModule): void => {
    if (done.has(module)) return;
    done.add(module);
    const { form } = module;
    if (form.is !== 'json') module.compile();
    if (form.is !== 'esm') return;
    for (const { specifier, line, column } of form.requests) {
      if (provided.has(specifier)) continue;
      const found = module.resolve(specifier, 'import', { line, column });
      if (found.is === 'builtin' || provided.has(found.file)) continue;
      if (foreign?.(found.file, module.original({ line, column }))) continue;
      visit(moduleOf(found.file));
    }
  };
  visit(entry);
  return entry;
}

function read(file: string, making: Making): CompiledModule {
  const extension = extname(file);
  if (extension === '.node') {
    const what = 'native addons are not loaded into a simulated process';
    throw new LoadError('ERR_UNKNOWN_FILE_EXTENSION', { file }, what);
  }
  const source = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  if (extension === '.json')
    return new CompiledModule(file, { is: 'json', text: source }, undefined);
  if (!needsTransform(file)) {
    return new CompiledModule(file, formOf({ code: source, file, making }), undefined);
  }
  const asModule = transform(source, file);
  const isCommon = declaredFormat(file) === undefined && needsCommonJs(asModule.code);
  const { code, map } = isCommon ? transform(source, file, 'to CommonJS') : asModule;
  return new CompiledModule(file, formOf({ code, file, making, payload: map }), map);
}

/** The module system of a file, where its name or package says: Node.js asks in this order. */
function declaredFormat(file: string): 'esm' | 'cjs' | undefined {
  if (/\.m[jt]s$/.test(file)) return 'esm';
  if (/\.c[jt]s$/.test(file)) return 'cjs';
  const type = packageOf(file)?.json.type;
  if (type === 'module') return 'esm';
  // TypeScript in a CommonJS package is mostly written with import and export all the same.
  return type === 'commonjs' && !needsTransform(file) ? 'cjs' : undefined;
}

interface Source {
  readonly code: string;
  readonly file: string;
  readonly making: Making;
  readonly payload?: SourceMapPayload;
}

function formOf({ code, file, making, payload }: Source): Form {
  const format = declaredFormat(file);
  if (format === 'esm') return esmForm(code, parsed(code, file, payload), making);
  if (format === undefined && /\b(?:import|export|await)\b/.test(code)) {
    const program = attempt(code, MODULE);
    if (program !== undefined && isEsm(program)) return esmForm(code, program, making);
    // Neither the one nor the other: the error is the module's, if it looks like one.
    if (program === undefined && /^\s*(?:import|export)\b/m.test(code) && !attempt(code, SCRIPT)) {
      parsed(code, file, payload);
    }
  }
  return cjsForm(code, making);
}

const CJS_END = '\n}})';

function cjsForm(source: string, making: Making): CjsForm {
  const graph = graphName(source);
  const program = /\bimport\s*\(/.test(source) ? attempt(source, SCRIPT) : undefined;
  const body = program === undefined ? source : withGraphImports(source, program, graph);
  const parameters = 'exports,require,module,__filename,__dirname';
  const sight = making === 'open' ? cjsSight(source, graph) : '';
  const prologue = `(function(${graph}){return function(${parameters}){${sight}`;
  const code = `${prologue}${body.replace(/^#!/, '//')}${CJS_END}`;
  return { is: 'cjs', code, prologueLength: prologue.length };
}

/** A directive comes before all else, or is none. */
function cjsSight(source: string, graph: string): string {
  const body = attempt(source, SCRIPT)?.body ?? [];
  const [first] = body;
  const isStrict = first?.type === 'ExpressionStatement' && first.directive === 'use strict';
  return `${isStrict ? "'use strict';" : ''}${sightOf(graph, WHOLE, body.flatMap(variablesOf))}`;
}

const MODULE: Options = { ecmaVersion: 'latest', sourceType: 'module' };
const SCRIPT: Options = {
  ecmaVersion: 'latest',
  sourceType: 'script',
  allowReturnOutsideFunction: true,
};

function attempt(code: string, options: Options): Program | undefined {
  try {
    return parse(code, options);
  } catch {
    return undefined;
  }
}

function parsed(code: string, file: string, payload: SourceMapPayload | undefined): Program {
  try {
    return parse(code, MODULE);
  } catch (cause) {
    const { message, loc } = cause as SyntaxError & { loc: { line: number; column: number } };
    const map = payload && positionMap(payload);
    const place = originalPlace(map, { file, line: loc.line, column: loc.column + 1 });
    throw new LoadError('ERR_SYNTAX', place, message.replace(/ \(\d+:\d+\)$/, ''), cause);
  }
}

function compile(file: string, form: Form, payload: SourceMapPayload | undefined): Script {
  assert(form.is !== 'json', 'JSON is not compiled');
  const comment = payload === undefined ? '' : mapComment(payload);
  try {
    const columnOffset = -form.prologueLength;
    return new Script(form.code + comment, { filename: file, columnOffset });
  } catch (thrown) {
    const cause = (form.is === 'cjs' && bodyError(file, form)) || (thrown as SyntaxError);
    const line = /:(\d+)$/.exec(cause.stack?.split('\n', 1)[0] ?? '')?.[1];
    if (line === undefined) throw new LoadError('ERR_SYNTAX', { file }, cause.message, cause);
    const place = originalPlace(payload && positionMap(payload), { file, line: Number(line) });
    const shown = { file, line: place.line ?? 0 };
    throw new LoadError('ERR_SYNTAX', shown, cause.message, cause);
  }
}

/** What is wrong with the code itself: in a wrapper, a brace too many closes the wrapper. */
function bodyError(file: string, { code, prologueLength }: CjsForm): SyntaxError | undefined {
  try {
    compileFunction(code.slice(prologueLength, -CJS_END.length), [], { filename: file });
    return undefined;
  } catch (error) {
    return error as SyntaxError;
  }
}

/** For debuggers; stack traces are mapped by us. In two pieces, or bundlers would look for the map. */
function mapComment(payload: SourceMapPayload): string {
  const encoded = Buffer.from(JSON.stringify(payload)).toString('base64');
  return `\n//# ${'sourceMapping'}URL=data:application/json;base64,${encoded}`;
}
