/**
 * An ES module as a function that a module graph can call as often as it likes.
 *
 *     import { a } from './x.js';        (function* ($G) { 'use strict'; let a;
 *     export const b = a + 1;              $G.f = ($Gk, $Gv) => { switch ($Gk) { case 0: a = $Gv } };
 *     export function c() {}               $G.e(1, c); yield;
 *
 *                                               const b = a + 1;$G.e(0,b);
 *                                               function c() {}
 *                                        })
 *
 * `$G` is the module's instance in the graph. Up to the `yield` the module introduces itself:
 * functions are hoisted, so importers in a cycle have them before its body runs. Imports are plain
 * variables that the graph sets, again whenever the exporter has a new value; so code and error
 * messages read as they were written, and an access costs nothing. A departure: in a cycle, an
 * import whose exporter has not run yet is `undefined`, where a real module throws.
 *
 * Lines stay, and columns do in front of what is inserted, so positions need no map.
 */
import {
  type AnyNode,
  type ExportDefaultDeclaration,
  type ExportNamedDeclaration,
  type Function as FunctionNode,
  getLineInfo,
  type Identifier,
  type ImportDeclaration,
  type Literal,
  type Program,
  type VariableDeclaration,
} from 'acorn';
import { ancestor, full, recursive, simple } from 'acorn-walk';
import { Edits } from './edits.ts';
import { declaredBy, declares, namesIn, variablesOf } from './scope.ts';
import { type Making, sightOf, WHOLE } from './sight.ts';

/** One `from '…'`, with its place in the code given. */
interface ModuleRequest {
  readonly specifier: string;
  readonly line: number;
  readonly column: number;
}

/** A name in another module; `*` is its namespace. */
export interface ImportedName {
  /** Number of the request. */
  readonly request: number;
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

export interface EsmForm {
  readonly is: 'esm';
  /** The wrapper function. `prologueLength` of its characters precede the code's first one. */
  readonly code: string;
  readonly prologueLength: number;
  readonly requests: readonly ModuleRequest[];
  /** What the import variables stand for, by their number. */
  readonly imports: readonly ImportedName[];
  /** Names of the exports that are the module's own, by their number. */
  readonly exports: readonly string[];
  /** Names that it exports for others. */
  readonly passed: readonly { readonly as: string; readonly from: ImportedName }[];
  /** Numbers of the requests of `export * from`. */
  readonly stars: readonly number[];
  /** It awaits at top level. */
  readonly isAsync: boolean;
}

/** Whether the code has what only a module has. */
export function isEsm(program: Program): boolean {
  const imports = program.body.some(({ type }) => /^(Import|Export).*Declaration$/.test(type));
  return imports || isEsmAtRunTime(program);
}

/** Whether it has what no compiler turns into CommonJS: `import.meta`, or an `await` at top level. */
export function isEsmAtRunTime(program: Program): boolean {
  let found = false;
  full(program, (node) => {
    found ||= node.type === 'MetaProperty' && node.meta.name === 'import';
  });
  return found || firstAwait(program) !== undefined;
}

export function esmForm(source: string, program: Program, making: Making): EsmForm {
  return new Rewriting(source, program).form(making);
}

/** A CommonJS file whose `import()` calls go to the module graph. */
export function withGraphImports(source: string, program: Program, graph: string): string {
  const edits = new Edits(source);
  simple(program, {
    ImportExpression: ({ start }) => edits.replace(start, start + 'import'.length, `${graph}.imp`),
  });
  return edits.apply();
}

/** A name for `$G` that the code does not use. */
export function graphName(source: string): string {
  for (let letter = 'G'.charCodeAt(0); ; letter++) {
    const name = `$${String.fromCharCode(letter)}`;
    if (!source.includes(name)) return name;
  }
}

class Rewriting {
  private readonly source: string;
  private readonly program: Program;
  private readonly graph: string;
  private readonly edits: Edits;
  private readonly requests: ModuleRequest[] = [];
  private readonly requestOf = new Map<string, number>();
  private readonly imports: (ImportedName & { readonly local: string })[] = [];
  private readonly exports: { readonly name: string; readonly local: string }[] = [];
  private readonly passed: { as: string; from: ImportedName }[] = [];
  private readonly stars: number[] = [];
  /** What runs before the body: functions are exported here. */
  private hoisted = '';

  constructor(source: string, program: Program) {
    this.source = source;
    this.program = program;
    this.graph = graphName(source);
    this.edits = new Edits(source);
  }

  form(making: Making): EsmForm {
    const { body } = this.program;
    for (const statement of body) {
      if ('source' in statement && statement.source != null) this.request(statement.source);
      if (statement.type === 'ImportDeclaration') this.import(statement);
    }
    for (const statement of body) this.collectExports(statement);
    // Inner insertions come before outer ones at the same place.
    this.followAssignments();
    for (const statement of body) this.rewriteStatement(statement);
    if (making === 'open') this.handOutScopes();
    this.rewriteExpressions();
    const isAsync = this.markAwaits();
    const prologue = this.prologue(isAsync);
    const code = this.edits.apply().replace(/^#!/, '//');
    return {
      is: 'esm',
      code: `${prologue}${code}\n})`,
      prologueLength: prologue.length,
      requests: this.requests,
      imports: this.imports,
      exports: this.exports.map(({ name }) => name),
      passed: this.passed,
      stars: this.stars,
      isAsync,
    };
  }

  private prologue(isAsync: boolean): string {
    const { graph, imports } = this;
    const head = isAsync ? `(async function(${graph})` : `(function*(${graph})`;
    const variables =
      imports.length === 0
        ? ''
        : `let ${imports.map(({ local }) => local).join(',')};` +
          `${graph}.f=(${graph}k,${graph}v)=>{switch(${graph}k){` +
          imports.map(({ local }, k) => `case ${k}:${local}=${graph}v;break;`).join('') +
          '}};';
    const pause = isAsync ? `await ${graph}.go;` : 'yield;';
    return `${head}{'use strict';${variables}${this.hoisted}${pause}`;
  }

  /** For debuggers: see sight.ts. */
  private handOutScopes(): void {
    const { program, graph } = this;
    this.hoisted += sightOf(graph, WHOLE, program.body.flatMap(variablesOf));
    for (const [local, { params, body }] of program.body.flatMap(functionsOf)) {
      if (body.type !== 'BlockStatement') continue;
      // A program's first parameter is Env, which is the harness's.
      const names = [...params.slice(1).flatMap(namesIn), ...body.body.flatMap(variablesOf)];
      for (const { name } of this.exports.filter((entry) => entry.local === local)) {
        this.edits.insert(body.start + 1, sightOf(graph, name, names));
      }
    }
  }

  private request(source: Literal): number {
    const specifier = source.value as string;
    let number = this.requestOf.get(specifier);
    if (number === undefined) {
      number = this.requests.push({ specifier, ...this.placeOf(source) }) - 1;
      this.requestOf.set(specifier, number);
    }
    return number;
  }

  private placeOf({ start }: { start: number }): { line: number; column: number } {
    const { line, column } = getLineInfo(this.source, start);
    return { line, column: column + 1 };
  }

  private import(node: ImportDeclaration): void {
    const request = this.request(node.source);
    for (const specifier of node.specifiers) {
      const name =
        specifier.type === 'ImportNamespaceSpecifier'
          ? '*'
          : specifier.type === 'ImportDefaultSpecifier'
            ? 'default'
            : nameOf(specifier.imported);
      const { name: local } = specifier.local;
      this.imports.push({ request, name, local, ...this.placeOf(specifier) });
    }
    this.edits.blank(node.start, node.end);
  }

  private collectExports(node: AnyNode): void {
    if (node.type === 'ExportNamedDeclaration') {
      this.collectNamed(node);
    } else if (node.type === 'ExportAllDeclaration') {
      const request = this.request(node.source);
      if (node.exported == null) this.stars.push(request);
      else {
        const from = { request, name: '*', ...this.placeOf(node) };
        this.passed.push({ as: nameOf(node.exported), from });
      }
    } else if (node.type === 'ExportDefaultDeclaration') {
      const { declaration } = node;
      const local =
        'id' in declaration && declaration.id != null && declaration.type.endsWith('Declaration')
          ? declaration.id.name
          : '';
      this.exports.push({ name: 'default', local });
    }
  }

  private collectNamed(node: ExportNamedDeclaration): void {
    const { declaration, source } = node;
    if (declaration != null) {
      const names =
        declaration.type === 'VariableDeclaration'
          ? declaredBy(declaration)
          : [declaration.id!.name];
      for (const name of names) this.exports.push({ name, local: name });
      return;
    }
    for (const { local, exported } of node.specifiers) {
      const as = nameOf(exported);
      const name = nameOf(local);
      if (source != null) {
        const request = this.request(source);
        this.passed.push({ as, from: { request, name, ...this.placeOf(local) } });
        continue;
      }
      const imported = this.imports.find((entry) => entry.local === name);
      if (imported === undefined) this.exports.push({ name: as, local: name });
      else this.passed.push({ as, from: imported });
    }
  }

  private rewriteStatement(node: AnyNode): void {
    switch (node.type) {
      case 'ExportAllDeclaration':
        this.edits.blank(node.start, node.end);
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration == null) {
          this.edits.blank(node.start, node.end);
        } else {
          this.edits.blank(node.start, node.declaration.start);
          this.exportAfter(node.declaration);
        }
        return;
      case 'ExportDefaultDeclaration':
        this.rewriteDefault(node);
        return;
      case 'VariableDeclaration':
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        this.exportAfter(node);
    }
  }

  /** Exports what a statement at top level has declared: functions at once, the rest after it. */
  private exportAfter(node: AnyNode): void {
    if (node.type === 'VariableDeclaration') {
      this.tellAt(node.end, declaredBy(node));
    } else if (node.type === 'ClassDeclaration') {
      this.tellAt(node.end, [node.id!.name]);
    } else if (node.type === 'FunctionDeclaration') {
      this.hoisted += this.tell(node.id!.name);
    }
  }

  private tellAt(at: number, names: readonly string[]): void {
    const told = names.map((name) => this.tell(name)).join('');
    if (told !== '') this.edits.insert(at, `;${told}`);
  }

  /** `$G.e(0,name);` for each export of this variable. */
  private tell(local: string): string {
    return this.numbersOf(local)
      .map((number) => `${this.graph}.e(${number},${local});`)
      .join('');
  }

  private numbersOf(local: string): number[] {
    return this.exports.flatMap((entry, number) => (entry.local === local ? [number] : []));
  }

  private rewriteDefault(node: ExportDefaultDeclaration): void {
    const { declaration, start, end } = node;
    const { graph, source } = this;
    const keywords = /^export(?:\s|\/\*[\s\S]*?\*\/|\/\/.*\n)+default\s*/.exec(source.slice(start));
    const from = start + keywords![0].length;
    const number = this.exports.findIndex(({ name }) => name === 'default');
    if ('id' in declaration && declaration.id != null && declaration.type.endsWith('Declaration')) {
      this.edits.blank(start, from);
      this.exportAfter(declaration);
    } else if (declaration.type === 'FunctionDeclaration') {
      const head = /^(?:async\s+)?function\s*\*?/.exec(source.slice(from))![0];
      this.edits.blank(start, from);
      this.edits.insert(from + head.length, ` ${graph}d`);
      this.hoisted +=
        `Object.defineProperty(${graph}d,'name',{value:'default'});` +
        `${graph}.e(${number},${graph}d);`;
    } else {
      // An anonymous function or class takes its name from the property.
      this.edits.replace(start, from, `${graph}.x({default:`);
      this.edits.insert(source[end - 1] === ';' ? end - 1 : end, '});');
    }
  }

  /** An export that is assigned to again is told again. */
  private followAssignments(): void {
    const own = new Set(this.exports.map(({ local }) => local));
    const exported = (names: readonly string[], ancestors: readonly AnyNode[]): string[] =>
      names.filter(
        (name) => own.has(name) && !ancestors.slice(1).some((node) => declares(node, name)),
      );
    const follow = (node: AnyNode, names: readonly string[], ancestors: AnyNode[]): void => {
      const told = exported(names, ancestors);
      if (told.length === 0) return;
      this.edits.insert(node.start, `${this.graph}.s((`);
      this.edits.insert(node.end, `),()=>{${told.map((name) => this.tell(name)).join('')}})`);
    };
    const followLoop = (
      { left, body }: { left: AnyNode; body: AnyNode },
      ancestors: AnyNode[],
    ): void => {
      const names =
        left.type === 'VariableDeclaration'
          ? left.kind === 'var'
            ? declaredBy(left)
            : []
          : namesIn(left as Parameters<typeof namesIn>[0]);
      const told = exported(names, ancestors);
      if (told.length === 0) return;
      this.edits.insert(body.start, `{${told.map((name) => this.tell(name)).join('')}`);
      this.edits.insert(body.end, '}');
    };
    ancestor(this.program, {
      AssignmentExpression: (node, _, ancestors) => follow(node, namesIn(node.left), ancestors),
      UpdateExpression: (node, _, ancestors) => {
        if (node.argument.type === 'Identifier') follow(node, [node.argument.name], ancestors);
      },
      ForInStatement: (node, _, ancestors) => followLoop(node, ancestors),
      ForOfStatement: (node, _, ancestors) => followLoop(node, ancestors),
      VariableDeclaration: (node, _, ancestors) => this.followNested(node, ancestors),
    });
  }

  /** A `var` of the module that stands deeper than its top level. */
  private followNested(node: VariableDeclaration, ancestors: readonly AnyNode[]): void {
    const parent = ancestors.at(-2)!;
    if (node.kind !== 'var' || /^(Program|ExportNamed|For)/.test(parent.type)) return;
    if (ancestors.some(({ type }) => /Function|StaticBlock/.test(type))) return;
    this.tellAt(node.end, declaredBy(node));
  }

  /** `import.meta` and `import()` become the graph's; neither moves anything. */
  private rewriteExpressions(): void {
    if (!/\bimport\b/.test(this.source)) return;
    simple(this.program, {
      MetaProperty: ({ start, end, meta }) => {
        if (meta.name === 'import') this.edits.replace(start, end, `${this.graph}.meta`);
      },
      ImportExpression: ({ start }) =>
        this.edits.replace(start, start + 'import'.length, `${this.graph}.imp`),
    });
  }

  /** Before each statement that awaits, `$G.at` tells its line: where a module is stuck. */
  private markAwaits(): boolean {
    if (!this.source.includes('await')) return false;
    let found = false;
    let previousEnd = 0;
    for (const statement of this.program.body) {
      const at = firstAwait(statement);
      if (at !== undefined) {
        const mark = `${this.graph}.at=${getLineInfo(this.source, at).line};`;
        if (previousEnd === 0) this.hoisted += mark;
        else this.edits.insert(previousEnd, `;${mark}`);
        found = true;
      }
      previousEnd = statement.end;
    }
    return found;
  }
}

/** The functions that a statement at top level declares, by their variable; '' where it has none. */
function functionsOf(statement: AnyNode): [local: string, fn: FunctionNode][] {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      return statement.declaration == null ? [] : functionsOf(statement.declaration);
    case 'ExportDefaultDeclaration':
      return functionsOf(statement.declaration);
    case 'FunctionDeclaration':
      return [[statement.id?.name ?? '', statement]];
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return [['', statement]];
    case 'VariableDeclaration':
      return statement.declarations.flatMap(({ id, init }) =>
        id.type === 'Identifier' && init != null
          ? functionsOf(init).map(([, fn]): [string, FunctionNode] => [id.name, fn])
          : [],
      );
    default:
      return [];
  }
}

/** Where the first `await` outside of functions stands, or undefined. */
function firstAwait(node: AnyNode): number | undefined {
  let first: number | undefined;
  const note = (start: number): void => {
    first = Math.min(first ?? start, start);
  };
  recursive(node, null, {
    Function: () => {},
    AwaitExpression: ({ start, argument }, state, visit) => {
      note(start);
      visit(argument, state);
    },
    VariableDeclaration: ({ kind, start, declarations }, state, visit) => {
      if (kind === 'await using') note(start);
      for (const child of declarations) visit(child, state);
    },
    ForOfStatement: ({ await: awaits, start, left, right, body }, state, visit) => {
      if (awaits) note(start);
      for (const child of [left, right, body]) visit(child, state);
    },
  });
  return first;
}

function nameOf(node: Identifier | Literal): string {
  return node.type === 'Identifier' ? node.name : String(node.value);
}
