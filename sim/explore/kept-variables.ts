/**
 * Variables near a place in the code that may make two runs differ: they are declared outside of what
 * a run makes anew, and either change as it runs or hold what was taken from the real world before.
 * Found by reading the code: whether one did decide, only the author can tell.
 */
import { readFileSync } from 'node:fs';
import { type Node, type Program, parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { shortPath } from '../node/loader/load-error.ts';
import { originalPlace, type PositionMap, positionMap } from '../node/loader/source-map.ts';
import { needsTransform, transform } from '../node/loader/typescript.ts';
import type { FrameAt } from './frame-text.ts';

/** A sentence, for the frame that is nearest to one. */
export function keptNear(frames: readonly FrameAt[]): string | undefined {
  const units = new Map<string, Unit | undefined>();
  for (const frame of frames) {
    if (!units.has(frame.file)) units.set(frame.file, Unit.read(frame.file));
    const found = units.get(frame.file)?.near(frame);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Variable {
  readonly name: string;
  /** The function in which it is declared; undefined at the top of the module. */
  readonly within: Node | undefined;
  readonly at: string;
  /** The source that it was taken from. */
  taken: string | undefined;
  /** Where a function within that of the declaration changes it. */
  changed: string | undefined;
  /** A regular expression that goes on where it last matched. */
  readonly goesOn: boolean;
}

/** What differs each time it is asked, and can be kept under another name before a world runs. */
const SOURCE =
  /^(globalThis\.)?(Math\.random|Date(\.now)?|performance(\.now)?|process\.hrtime(\.bigint)?|crypto\.(random\w+|getRandomValues)|WeakRef|FinalizationRegistry|Temporal\.Now(\.\w+)?)(\.bind\(.*\))?$/;
/** `const { random } = Math`. */
const MEMBERS: { readonly [object: string]: RegExp } = {
  Math: /^random$/,
  Date: /^now$/,
  performance: /^now$/,
  process: /^hrtime$/,
  crypto: /^(random|getRandom)/,
};
/** Methods that change their object. */
const CHANGES =
  /^(push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|set|add|delete|clear|next|append)$/;
const MATCHES = /^(test|exec)$/;

type Loose = Node & { readonly [key: string]: unknown };

class Unit {
  private readonly code: string;
  private readonly file: string;
  private readonly map: PositionMap | undefined;
  private readonly program: Program;
  /** By name; an inner one of the same name hides the others. */
  private readonly variables = new Map<string, Variable[]>();
  /** What is imported of `node:vm`, with where. */
  private readonly contexts = new Map<string, string>();
  /** Functions with the names that they use. */
  private readonly functions = new Map<Node, Set<string>>();
  private readonly named = new Map<string, Node>();

  private constructor(file: string, code: string, map: PositionMap | undefined) {
    this.file = file;
    this.code = code;
    this.map = map;
    this.program = parse(code, {
      ecmaVersion: 'latest',
      sourceType: /\.c[jt]s$/.test(file) ? 'script' : 'module',
      allowReturnOutsideFunction: true,
      allowHashBang: true,
      locations: true,
    });
    fullAncestor(this.program, (node, _, ancestors) => this.declare(node as Loose, ancestors));
    fullAncestor(this.program, (node, _, ancestors) => this.use(node as Loose, ancestors));
  }

  /** Undefined for a file that cannot be read as a module of JavaScript or TypeScript. */
  static read(file: string): Unit | undefined {
    try {
      const text = readFileSync(file, 'utf8');
      if (!needsTransform(file)) return new Unit(file, text, undefined);
      const { code, map } = transform(text, file);
      return new Unit(file, code, positionMap(map));
    } catch {
      return undefined;
    }
  }

  /** Of the innermost function there, of those that it calls, and of those around it. */
  near(frame: FrameAt): string | undefined {
    const around = [...this.functions.keys()].filter((node) => this.has(node, frame));
    const inner = around.sort((a, b) => a.end - a.start - (b.end - b.start));
    const seen = new Set<Node>();
    const queue = inner.length > 0 ? inner : [...this.functions.keys()];
    for (const node of queue) {
      if (seen.has(node)) continue;
      seen.add(node);
      for (const name of this.functions.get(node)!) {
        const found = this.suspect(name, node);
        if (found !== undefined) return found;
        const called = this.named.get(name);
        if (called !== undefined) queue.push(called);
      }
    }
    return undefined;
  }

  private suspect(name: string, user: Node): string | undefined {
    const imported = this.contexts.get(name);
    if (imported !== undefined) {
      return `'${name}' is of node:vm (${imported}), whose contexts have clocks and random numbers that no seed reaches`;
    }
    for (const variable of this.variables.get(name) ?? []) {
      const { within, at, taken, changed } = variable;
      // What a function makes for itself is new each time.
      if (within !== undefined && !(contains(within, user) && this.isKeptBy(within))) continue;
      if (taken !== undefined) {
        return `'${name}' is ${taken}, taken before the run began (${at}), where no world could replace it`;
      }
      if (changed === undefined) continue;
      const where = within === undefined ? 'outside of all functions' : 'outside of what is run';
      return `'${name}' is kept from one run to the next: it is declared ${where} (${at}) and changed at ${changed}`;
    }
    return undefined;
  }

  /** A function around that calls the one which is run, as the body of a test does. */
  private isKeptBy(within: Node): boolean {
    return /\b(explore|bodySubject|exploreThreads|threads|scenario)\s*(<[^>]*>)?\(/.test(
      this.code.slice(within.start, within.end),
    );
  }

  private declare(node: Loose, ancestors: readonly Node[]): void {
    if (isFunction(node)) {
      this.functions.set(node, new Set());
      const { id } = node as { readonly id?: { readonly name: string } | null };
      if (id) this.named.set(id.name, node);
      return;
    }
    if (node.type === 'ImportDeclaration') {
      const { source, specifiers } = node as unknown as {
        readonly source: { readonly value: string };
        readonly specifiers: readonly { readonly local: Node & { readonly name: string } }[];
      };
      if (!/^(node:)?vm$/.test(source.value)) return;
      for (const { local } of specifiers) this.contexts.set(local.name, this.placeOf(local));
    }
    if (node.type !== 'VariableDeclarator') return;
    const { id, init } = node as unknown as { readonly id: Loose; readonly init: Loose | null };
    const within = functionAround(ancestors.slice(0, -1));
    const text = init === null ? '' : this.code.slice(init.start, init.end);
    const isVm = /^require\(\s*['"](node:)?vm['"]\s*\)$/.test(text);
    for (const { name, key } of bound(id)) {
      if (isVm) this.contexts.set(name, this.placeOf(id));
      const full = key === undefined ? text : `${text}.${key}`;
      const isMember = key !== undefined && MEMBERS[text]?.test(key) === true;
      const taken = isMember || (key === undefined && SOURCE.test(text)) ? full : undefined;
      const goesOn = init?.type === 'Literal' && /\/[a-z]*[gy][a-z]*$/.test(text);
      const variable: Variable = {
        name,
        within,
        at: this.placeOf(id),
        taken,
        changed: undefined,
        goesOn,
      };
      this.variables.set(name, [...(this.variables.get(name) ?? []), variable]);
      if (init !== null && isFunction(init)) this.named.set(name, init);
    }
  }

  private use(node: Loose, ancestors: readonly Node[]): void {
    if (node.type === 'Identifier') {
      const { name } = node as unknown as { readonly name: string };
      for (const around of ancestors) this.functions.get(around)?.add(name);
      return;
    }
    const target = changedBy(node);
    if (target === undefined) return;
    for (const variable of this.variables.get(target.name) ?? []) {
      if (target.matches && !variable.goesOn) continue;
      const user = functionAround(ancestors);
      if (user === undefined || user === variable.within) continue;
      if (variable.within !== undefined && !contains(variable.within, user)) continue;
      variable.changed ??= this.placeOf(node);
    }
  }

  private has(node: Node, { line, column }: FrameAt): boolean {
    const { start, end } = node.loc!;
    const from = this.original(start);
    const to = this.original(end);
    const isAfter = from.line < line || (from.line === line && from.column <= column);
    return isAfter && (line < to.line || (line === to.line && column <= to.column));
  }

  private original({ line, column }: { line: number; column: number }) {
    const { file } = this;
    const place = originalPlace(this.map, { file, line, column: column + 1 });
    return { line: place.line!, column: place.column! };
  }

  private placeOf(node: Node): string {
    const { line, column } = this.original(node.loc!.start);
    return `${shortPath(this.file)}:${line}:${column}`;
  }
}

function isFunction({ type }: Node): boolean {
  return /^(Function|ArrowFunction)/.test(type);
}

function functionAround(ancestors: readonly Node[]): Node | undefined {
  return ancestors.findLast(isFunction);
}

function contains(outer: Node, inner: Node): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The variables that a pattern declares, with the property that each takes. */
function bound(pattern: Loose): { readonly name: string; readonly key?: string }[] {
  if (pattern.type === 'Identifier') return [{ name: pattern['name'] as string }];
  if (pattern.type !== 'ObjectPattern') return [];
  return (pattern['properties'] as Loose[]).flatMap((property) => {
    const { key, value } = property as unknown as { readonly key?: Loose; readonly value?: Loose };
    if (key?.type !== 'Identifier' || value?.type !== 'Identifier') return [];
    return [{ name: value['name'] as string, key: key['name'] as string }];
  });
}

/** The variable that the node changes, itself or what it holds. */
function changedBy(node: Loose): { readonly name: string; readonly matches: boolean } | undefined {
  const of = (target: unknown, matches = false) => {
    let at = target as Loose;
    while (at.type === 'MemberExpression') at = at['object'] as Loose;
    return at.type === 'Identifier' ? { name: at['name'] as string, matches } : undefined;
  };
  if (node.type === 'AssignmentExpression') return of(node['left']);
  if (node.type === 'UpdateExpression') return of(node['argument']);
  if (node.type !== 'CallExpression') return undefined;
  const callee = node['callee'] as Loose;
  if (callee.type !== 'MemberExpression') return undefined;
  const { name = '' } = callee['property'] as { readonly name?: string };
  if (CHANGES.test(name)) return of(callee['object']);
  return MATCHES.test(name) ? of(callee['object'], true) : undefined;
}
