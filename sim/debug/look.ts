/** Text evaluated in the scopes of a run that stands still. */
import { Script } from 'node:vm';
import { parseExpressionAt } from 'acorn';
import { full } from 'acorn-walk';
import type { Sight } from '../node/loader/sight.ts';
import { DebugError } from './debug-error.ts';
import type { Scene } from './scene.ts';
import { textOf, thrownText } from './value-text.ts';

/** What came of evaluating: the value, or what was thrown, as text. */
export type Evaluated = { readonly is: 'value' | 'thrown'; readonly text: string };

/** Evaluates text as one's own code. Whatever it does to the run stays done. */
export function evaluateOn(scene: Scene, name: string, code: string): Evaluated {
  const sight = sightOn(scene, name);
  try {
    return { is: 'value', text: textOf(scene.view(evaluated(scene, name, sight, code))) };
  } catch (error) {
    return { is: 'thrown', text: thrownText(error) };
  }
}

/** The value of text evaluated as one's own code. Throws what it throws. @throws DebugError */
export function runOn(scene: Scene, name: string, code: string): unknown {
  return evaluated(scene, name, sightOn(scene, name), code);
}

function sightOn(scene: Scene, name: string): Sight {
  const sight = scene.sight(name);
  if (sight === undefined) throw new DebugError('blind', `${name} has not run any code yet`);
  return sight;
}

function evaluated(scene: Scene, name: string, sight: Sight, code: string): unknown {
  const source = isExpression(code) ? `(${code}\n)` : code;
  return scene.inside(name, () => sight.evaluate(source));
}

/** An expression that is asked again and again, compiled once for each life of a node. */
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
  answer(scene: Scene): { readonly value: unknown } | { readonly thrown: unknown } | undefined {
    const sight = scene.sight(this.node);
    if (sight === undefined) return undefined;
    return scene.inside(this.node, () => {
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
