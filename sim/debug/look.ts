/** Looks into a world that stands still: what its nodes show, and text evaluated in their scopes. */

import { inspect } from 'node:util';
import { Script } from 'node:vm';
import { parseExpressionAt } from 'acorn';
import { full } from 'acorn-walk';
import type { Incarnation } from '../node/incarnation.ts';
import type { Sight } from '../node/loader/sight.ts';
import type { World } from '../node/world.ts';
import { drain } from '../sched/drain.ts';
import { routeTo } from '../sched/sink.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { DebugError } from './debug-error.ts';

/** A node as a debugger shows it; values are texts. */
export interface NodeState {
  readonly node: string;
  readonly role: string;
  /** `ended` has returned, exited or crashed: then all is as it was at its end. */
  readonly is: 'waiting' | 'running' | 'ended';
  /** How often it has started before. */
  readonly incarnation: number;
  /** What it shows by `env.observe`. */
  readonly observed: Shown;
  /** Variables of its main function and its file. */
  readonly variables: Shown;
  readonly exports: Shown;
  /** Global variables that it made, in a realm of its own. */
  readonly globals: Shown;
}

export type Shown = readonly { readonly name: string; readonly text: string }[];

/** What came of evaluating: the value, or what was thrown, as text. */
export type Evaluated = { readonly is: 'value' | 'thrown'; readonly text: string };

export function stateOf(world: World, name: string): NodeState {
  const node = nodeOf(world, name);
  const { incarnation: life } = node;
  const base = { node: node.name, role: node.role, incarnation: life?.number ?? 0 };
  const nothing = { observed: [], variables: [], exports: [], globals: [] };
  if (life === undefined) return { ...base, is: 'waiting', ...nothing };
  return asNode(world, life, () => {
    const { interior } = life;
    const sight = interior?.sight();
    return {
      ...base,
      is: life.alive && !life.finished ? 'running' : 'ended',
      observed: shown([...life.observed], (snapshot) => snapshot()),
      variables: sight === undefined ? [] : variablesIn(sight),
      exports: shown(
        Object.entries(interior?.exports() ?? {}).filter(
          ([, value]) => typeof value !== 'function',
        ),
        (value) => value,
      ),
      globals: shown(Object.entries(interior?.globals() ?? {}), (value) => value),
    };
  });
}

/** Evaluates text on a node. Whatever it does to the world stays done. */
export function evaluateOn(world: World, name: string, code: string): Evaluated {
  try {
    return { is: 'value', text: textOf(runOn(world, name, code)) };
  } catch (error) {
    if (error instanceof DebugError) throw error;
    return { is: 'thrown', text: thrownText(error) };
  }
}

/** The value of text evaluated on a node. Throws what it throws. @throws DebugError */
export function runOn(world: World, name: string, code: string): unknown {
  const { incarnation: life } = nodeOf(world, name);
  const sight = sightOf(life);
  if (life === undefined || sight === undefined) {
    throw new DebugError('blind', `${name} has not run any code yet`);
  }
  const source = isExpression(code) ? `(${code}\n)` : code;
  return asNode(world, life, () => sight.evaluate(source));
}

/** An expression that is asked of a node again and again, compiled once for each of its lives. */
export class Question {
  readonly node: string;
  private readonly code: string;
  private evaluate: Sight['evaluate'] | undefined;
  private ask: (() => unknown) | undefined;

  /** @throws DebugError when it is no expression, or one that assigns. */
  constructor(node: string, code: string) {
    checkExpression(code);
    this.node = node;
    this.code = code;
  }

  /** What it gives now; undefined before the node has run any code. */
  answer(world: World): { readonly value: unknown } | { readonly thrown: unknown } | undefined {
    const life = world.node(this.node)?.incarnation;
    const sight = sightOf(life);
    if (life === undefined || sight === undefined) return undefined;
    return asNode(world, life, () => {
      try {
        if (this.evaluate !== sight.evaluate) {
          this.evaluate = sight.evaluate;
          this.ask = sight.evaluate(`()=>(${this.code}\n)`) as () => unknown;
        }
        return { value: this.ask!() };
      } catch (thrown) {
        return { thrown };
      }
    });
  }
}

/** @throws DebugError */
export function checkCode(code: string): void {
  if (isExpression(code)) return;
  try {
    new Script(code);
  } catch (error) {
    throw new DebugError('bad-code', `cannot read '${code}': ${(error as Error).message}`);
  }
}

/** The value on a few lines, without running code of its own; of a large one the beginning. */
export function textOf(value: unknown, { depth, lettersMax }: Detail = WHOLE): string {
  const text = inspect(value, { ...SHOWN, depth });
  return text.length <= lettersMax ? text : `${text.slice(0, lettersMax - 1)}…`;
}

interface Detail {
  /** Objects within objects that are shown. */
  readonly depth: number;
  readonly lettersMax: number;
}

/** Of one value that was asked for, and of many. */
const WHOLE: Detail = { depth: 4, lettersMax: 20_000 };
const BRIEF: Detail = { depth: 2, lettersMax: 300 };

export function thrownText(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    const { name, message } = thrown as Error;
    return `${String(name)}: ${String(message)}`;
  }
  return textOf(thrown);
}

/** @throws DebugError */
function nodeOf(world: World, name: string): World['nodes'][number] {
  const node = world.node(name);
  if (node !== undefined) return node;
  const names = world.nodes.map((each) => each.name);
  const hint = didYouMean(name, names) || `; there are: ${names.join(', ')}`;
  throw new DebugError('no-such', `no node is named '${name}'${hint}`);
}

const SHOWN = {
  breakLength: 90,
  maxArrayLength: 50,
  maxStringLength: 1_000,
  customInspect: false,
} as const;

function sightOf(life: Incarnation | undefined): Sight | undefined {
  return life?.interior?.sight();
}

/** Does it as the node's own code, at the end of the step that has run. */
function asNode<Result>(world: World, life: Incarnation, work: () => Result): Result {
  routeTo(world.kernel);
  world.kernel.become(life);
  try {
    return work();
  } finally {
    drain();
  }
}

/** Those that have a value: the rest are declared further down than the code has come. */
function variablesIn(sight: Sight): Shown {
  return sight.names.flatMap((name) => {
    try {
      const value = sight.evaluate(name);
      return typeof value === 'function' ? [] : [{ name, text: textOf(value, BRIEF) }];
    } catch {
      return [];
    }
  });
}

function shown<Each>(entries: readonly (readonly [string, Each])[], of: (each: Each) => unknown) {
  return entries.map(([name, each]) => {
    try {
      return { name, text: textOf(of(each), BRIEF) };
    } catch (error) {
      return { name, text: `throws ${thrownText(error)}` };
    }
  });
}

function isExpression(code: string): boolean {
  try {
    new Script(`(${code}\n)`);
    return true;
  } catch {
    return false;
  }
}

function checkExpression(code: string): void {
  if (!isExpression(code)) {
    checkCode(code);
    throw new DebugError('bad-code', `a condition is an expression, not '${code}'`);
  }
  full(parseExpressionAt(`(${code}\n)`, 0, { ecmaVersion: 'latest' }), ({ type }) => {
    if (type !== 'AssignmentExpression' && type !== 'UpdateExpression') return;
    throw new DebugError('bad-code', `'${code}' assigns; a condition compares, with == or ===`);
  });
}
